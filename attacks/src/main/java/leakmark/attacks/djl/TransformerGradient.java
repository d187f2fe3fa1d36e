package leakmark.attacks.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import leakmark.attacks.AttackException;
import leakmark.attacks.GradientOracle;
import leakmark.attacks.Task;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Gradients of a model by PyTorch's reverse mode, float32. The last model's parameters stay in PyTorch's
 * memory until another model's are wanted or this is closed. A batch that would need more memory than
 * {@link #activationFloats} is cut into parts whose gradients add up to the same sum.
 */
public final class TransformerGradient implements GradientOracle, AutoCloseable {
    /** DJL allows one gradient collector in the process. */
    private static final Object COLLECTING = new Object();

    /** 1 GiB of activations: matrix products are at full speed well below it. */
    private static final long ACTIVATION_FLOATS = 1L << 28;

    private final long activationFloats;
    private final @Nullable Dropout dropout;
    private @Nullable ResidentModel resident;

    /** @throws AttackException if PyTorch cannot be loaded, with the reason */
    public TransformerGradient() {
        this(ACTIVATION_FLOATS);
    }

    /**
     * Gradients of one client's step in training mode.
     *
     * @throws AttackException if PyTorch cannot be loaded, with the reason
     */
    public TransformerGradient(Dropout dropout) {
        this(ACTIVATION_FLOATS, dropout);
    }

    /** @param activationFloats bound on the activations that one part of a batch keeps */
    TransformerGradient(long activationFloats) {
        this(activationFloats, null);
    }

    private TransformerGradient(long activationFloats, @Nullable Dropout dropout) {
        this.activationFloats = activationFloats;
        this.dropout = dropout;
        TorchEngine.get();
    }

    /**
     * {@inheritDoc}
     *
     * @throws AttackException if the batch does not fit the model (an id, a position, a label) or a name has no gradient
     */
    @Override
    public synchronized Map<String, Tensor> gradient(
            PublicModel model, Task task, TokenBatch batch, Set<String> names) {
        BatchCheck.sequences(model.configuration(), batch);
        BatchCheck.targets(model.configuration(), task, batch);
        for (String name : names) {
            if (!model.weights().names().contains(name)) {
                throw new AttackException("the model has no parameter " + name);
            }
            if (!task.reaches(name)) {
                throw new AttackException(name + " has no gradient in the task " + task.label() + "; leave it out");
            }
        }
        ResidentModel current = resident(model);
        synchronized (COLLECTING) {
            try (NDManager call = current.newCall();
                    GradientCollector collector = TorchEngine.get().newGradientCollector()) {
                ModelForward forward = ModelForward.of(current, call, names);
                if (dropout != null) {
                    forward.drop(dropout);
                }
                for (List<Integer> part : parts(current.configuration(), task, batch)) {
                    try (NDManager manager = call.newSubManager()) {
                        PackedBatch packed = new PackedBatch(manager, batch, part);
                        NDArray hidden = forward.hiddenStates(packed);
                        collector.backward(forward.loss(hidden, packed, task, batch, part));
                    }
                }
                return collect(forward, names);
            }
        }
    }

    @Override
    public synchronized List<Tensor> tokenGradients(PublicModel model, Task task, TokenBatch batch) {
        BatchCheck.sequences(model.configuration(), batch);
        BatchCheck.targets(model.configuration(), task, batch);
        ResidentModel current = resident(model);
        int width = 2 * model.configuration().hiddenSize();
        List<Tensor> result =
                new ArrayList<>(Collections.nCopies(batch.sequences().size(), Tensor.vector()));
        synchronized (COLLECTING) {
            try (NDManager call = current.newCall();
                    GradientCollector collector = TorchEngine.get().newGradientCollector()) {
                for (List<Integer> part : parts(current.configuration(), task, batch)) {
                    try (NDManager manager = call.newSubManager()) {
                        ModelForward forward = ModelForward.of(current, call, Set.of());
                        forward.startProbing();
                        PackedBatch packed = new PackedBatch(manager, batch, part);
                        NDArray hidden = forward.hiddenStates(packed);
                        collector.backward(forward.loss(hidden, packed, task, batch, part));
                        float[][] probes = forward.probes().stream()
                                .map(TransformerGradient::gradient)
                                .toArray(float[][]::new);
                        for (int s = 0; s < part.size(); s++) {
                            float[] rows = new float[packed.length(s) * width];
                            for (int i = 0; i < packed.length(s); i++) {
                                copyRow(
                                        probes,
                                        packed.starts[s] + i,
                                        packed.starts[part.size()],
                                        rows,
                                        i * width,
                                        width);
                            }
                            result.set(part.get(s), Tensor.matrix(packed.length(s), width, rows));
                        }
                    }
                }
            }
        }
        return List.copyOf(result);
    }

    /** The first {@code width} values of a row of matrices side by side. */
    private static void copyRow(float[][] matrices, int row, int rows, float[] out, int at, int width) {
        int done = 0;
        for (float[] matrix : matrices) {
            int columns = Math.min(matrix.length / rows, width - done);
            System.arraycopy(matrix, row * (matrix.length / rows), out, at + done, columns);
            done += columns;
        }
    }

    private static float[] gradient(NDArray array) {
        try (NDArray gradient = array.getGradient()) {
            return gradient.toFloatArray();
        }
    }

    @Override
    public synchronized List<Tensor> hiddenStates(PublicModel model, TokenBatch batch) {
        BatchCheck.sequences(model.configuration(), batch);
        ResidentModel current = resident(model);
        int width = model.configuration().hiddenSize();
        List<Tensor> result =
                new ArrayList<>(Collections.nCopies(batch.sequences().size(), Tensor.vector()));
        try (NDManager call = current.newCall()) {
            ModelForward forward = ModelForward.of(current, call, Set.of());
            for (List<Integer> part : parts(model.configuration(), Task.CLASSIFICATION, batch)) {
                try (NDManager manager = call.newSubManager()) {
                    PackedBatch packed = new PackedBatch(manager, batch, part);
                    FloatBuffer values = floats(forward.hiddenStates(packed));
                    for (int s = 0; s < part.size(); s++) {
                        float[] states = new float[packed.length(s) * width];
                        values.get(states);
                        result.set(part.get(s), Tensor.matrix(packed.length(s), width, states));
                    }
                }
            }
        }
        return List.copyOf(result);
    }

    /** Frees the parameters kept in PyTorch's memory. */
    @Override
    public synchronized void close() {
        if (resident != null) {
            resident.close();
            resident = null;
        }
    }

    private ResidentModel resident(PublicModel model) {
        ResidentModel known = resident;
        if (known == null || !known.holds(model.weights())) {
            close();
            known = new ResidentModel(model);
            resident = known;
        }
        return known;
    }

    /** Sequence numbers by part, longest first, each part within the bound or a single sequence. */
    private List<List<Integer>> parts(ModelConfiguration configuration, Task task, TokenBatch batch) {
        List<int[]> sequences = batch.sequences();
        List<Integer> order = IntStream.range(0, sequences.size())
                .boxed()
                .sorted(Comparator.comparingInt((Integer s) -> -sequences.get(s).length))
                .toList();
        List<List<Integer>> result = new ArrayList<>();
        List<Integer> part = new ArrayList<>();
        long floats = 0;
        for (int s : order) {
            long more = activationFloats(configuration, task, sequences.get(s).length);
            if (!part.isEmpty() && floats + more > activationFloats) {
                result.add(part);
                part = new ArrayList<>();
                floats = 0;
            }
            part.add(s);
            floats += more;
        }
        result.add(part);
        return result;
    }

    /** What the graph of one sequence keeps: per token and block about 16 d, 5 inner and 3 rows of attention weights. */
    private static long activationFloats(ModelConfiguration configuration, Task task, int length) {
        long block =
                16L * configuration.hiddenSize() + 5L * configuration.innerSize() + 3L * configuration.heads() * length;
        long head = task == Task.CLASSIFICATION ? 0 : 3L * configuration.vocabularySize();
        return length * (block * configuration.layers() + head);
    }

    private static Map<String, Tensor> collect(ModelForward forward, Set<String> names) {
        Map<String, Tensor> result = new LinkedHashMap<>();
        for (String name : names) {
            NDArray parameter = forward.parameter(name);
            long[] extents = parameter.getShape().getShape();
            int[] shape = new int[extents.length];
            for (int i = 0; i < shape.length; i++) {
                shape[i] = Math.toIntExact(extents[i]);
            }
            float[] values = new float[Math.toIntExact(parameter.size())];
            try (NDArray gradient = parameter.getGradient()) {
                floats(gradient).get(values);
            }
            result.put(name, new Tensor(shape, values));
        }
        return result;
    }

    /** The values in place, without a copy; valid while the array is open. */
    private static FloatBuffer floats(NDArray array) {
        return array.toByteBuffer(true).asFloatBuffer();
    }
}
