package leakmark.attacks.published;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import leakmark.attacks.AttackException;
import leakmark.attacks.dlg.Inversion;
import leakmark.attacks.dlg.Starts;
import leakmark.attacks.dlg.Victim;
import leakmark.attacks.model.PublicNetwork;
import leakmark.attacks.optim.BatchMinimiser;
import leakmark.attacks.optim.BatchMinimiser.Watch;
import leakmark.attacks.optim.Ending;
import leakmark.attacks.optim.Minimum;
import leakmark.attacks.optim.Objective;
import leakmark.attacks.optim.Optimiser;
import leakmark.kernels.matching.Shape.Image;
import leakmark.kernels.matching.Shape.Rows;

/**
 * DLG as it was published (Zhu, Liu, Han, NeurIPS 2019), on PyTorch: the baseline. One attack at a time; the matching
 * gradient by double backward over a recorded graph; {@code torch.optim.LBFGS}'s rule with learning rate 1, history 100,
 * 20 inner iterations and no line search.
 *
 * <p>Where the published code does more, the cheaper is taken: a whole evaluation is one TorchScript call, without Python
 * between its operators, and the optimiser's vectors are {@link leakmark.attacks.optim}'s, not some 400 tensor operations
 * an iteration. One instance serves one thread.
 */
public final class PublishedDlg implements AutoCloseable {
    private final PublicNetwork model;
    private final TorchProgram program;
    private final PtNDManager manager;
    private final PtNDArray[] parameters;

    /** Copies a network to libtorch. */
    public PublishedDlg(PublicNetwork model) {
        this.model = model;
        program = TorchProgram.of(TorchNetworkSource.of(model.network()));
        manager = program.newManager();
        parameters = program.call(manager, "ready", (Object) split(manager, model.parameters()));
    }

    /**
     * Inverts one gradient.
     *
     * @param optimiser {@link leakmark.attacks.optim.Lbfgs#published()}, or another to compare
     * @param iterations most iterations, inner ones counted
     * @param tolerance ends at this distance relative to ‖g‖²; 0 for the published code, which does not stop early
     * @param seed of the start; the same as {@link leakmark.attacks.dlg.GradientInversion}'s for its first victim
     * @throws AttackException if the gradient does not fit the network
     */
    public Inversion invert(Victim victim, Optimiser optimiser, int iterations, double tolerance, long seed) {
        if (victim.gradient().length != model.parameters().length) {
            throw new AttackException("the gradient has " + victim.gradient().length + " values, model " + model.name()
                    + " has " + model.parameters().length + " parameters; give the model that made it");
        }
        try (DoubleBackward objective = new DoubleBackward(victim)) {
            double norm = 0;
            for (float value : victim.gradient()) {
                norm += (double) value * value;
            }
            float[] start = Starts.of(seed, 0, objective.variables());
            Minimum found = new BatchMinimiser(optimiser, iterations)
                    .minimise(objective, new float[][] {start}, new double[] {tolerance * norm}, Watch.none())
                    .get(0);
            int classes = model.network().classes();
            int inputs = objective.inputs;
            int[] labels = new int[victim.batchSize()];
            for (int i = 0; i < labels.length; i++) {
                for (int c = 1; c < classes; c++) {
                    int at = inputs + i * classes;
                    labels[i] = found.point()[at + c] > found.point()[at + labels[i]] ? c : labels[i];
                }
            }
            return new Inversion(
                    Arrays.copyOf(found.point(), inputs),
                    labels,
                    found.loss(),
                    found.ending() == Ending.CONVERGED,
                    found.ending(),
                    1,
                    found.iterations(),
                    found.evaluations(),
                    found.curve());
        }
    }

    /** The function that is minimised, for measurements: one attack, inputs before label logits. */
    public MeasuredObjective objective(Victim victim) {
        return new DoubleBackward(victim);
    }

    /** An objective that holds memory outside the heap. */
    public interface MeasuredObjective extends Objective, AutoCloseable {
        @Override
        void close();
    }

    /**
     * The client's gradient by PyTorch, one value a parameter.
     *
     * @param inputs a batch, one input after the other
     * @param labelLogits their label logits
     */
    public float[] gradient(float[] inputs, float[] labelLogits) {
        int batchSize = labelLogits.length / model.network().classes();
        try (PtNDManager part = program.newManager()) {
            PtNDArray[] gradients = program.callRecording(
                    part, "gradient", input(part, inputs, batchSize), labels(part, labelLogits, batchSize), parameters);
            float[] gradient = new float[model.parameters().length];
            int at = 0;
            for (PtNDArray array : gradients) {
                float[] values = array.toFloatArray();
                System.arraycopy(values, 0, gradient, at, values.length);
                at += values.length;
            }
            return gradient;
        }
    }

    private PtNDArray[] split(PtNDManager owner, float[] values) {
        List<PtNDArray> arrays = new ArrayList<>();
        int at = 0;
        for (int[] extents : model.network().parameterShapes()) {
            Shape shape = new Shape(Arrays.stream(extents).asLongStream().toArray());
            int size = (int) shape.size();
            arrays.add(owner.create(FloatBuffer.wrap(values, at, size), shape, DataType.FLOAT32));
            at += size;
        }
        return arrays.toArray(PtNDArray[]::new);
    }

    private PtNDArray input(PtNDManager owner, float[] values, int batchSize) {
        Shape shape = model.network().input() instanceof Image image
                ? new Shape(batchSize, image.channels(), image.height(), image.width())
                : new Shape(
                        batchSize,
                        ((Rows) model.network().input()).count(),
                        ((Rows) model.network().input()).features());
        return owner.create(FloatBuffer.wrap(values, 0, (int) shape.size()), shape, DataType.FLOAT32);
    }

    private PtNDArray labels(PtNDManager owner, float[] values, int batchSize) {
        Shape shape = new Shape(batchSize, model.network().classes());
        int from = values.length - (int) shape.size();
        return owner.create(FloatBuffer.wrap(values, from, (int) shape.size()), shape, DataType.FLOAT32);
    }

    @Override
    public void close() {
        manager.close();
        program.close();
    }

    private final class DoubleBackward implements MeasuredObjective {
        private final PtNDManager victimManager = program.newManager();
        private final PtNDArray[] target;
        private final int batchSize;
        private final int inputs;

        DoubleBackward(Victim victim) {
            batchSize = victim.batchSize();
            inputs = batchSize * model.network().input().size();
            target = split(victimManager, victim.gradient());
        }

        @Override
        public int variables() {
            return inputs + batchSize * model.network().classes();
        }

        @Override
        public void evaluate(int count, int[] attacks, float[][] points, double[] losses, float[][] gradients) {
            for (int i = 0; i < count; i++) {
                try (PtNDManager part = program.newManager()) {
                    PtNDArray[] result = program.callRecording(
                            part,
                            "match",
                            input(part, points[i], batchSize),
                            labels(part, points[i], batchSize),
                            parameters,
                            target);
                    losses[i] = result[0].toFloatArray()[0];
                    float[] x = result[1].toFloatArray();
                    float[] labels = result[2].toFloatArray();
                    System.arraycopy(x, 0, gradients[i], 0, inputs);
                    System.arraycopy(labels, 0, gradients[i], inputs, labels.length);
                }
            }
        }

        @Override
        public void close() {
            victimManager.close();
        }
    }
}
