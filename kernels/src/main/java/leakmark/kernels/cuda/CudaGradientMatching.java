package leakmark.kernels.cuda;

import java.util.Optional;
import leakmark.kernels.matching.Distance;
import leakmark.kernels.matching.GradientMatching;
import leakmark.kernels.matching.Network;
import leakmark.kernels.matching.OpenArguments;
import leakmark.kernels.matching.ResidentInversion;

/** Gradient matching by {@code gradient_matching.cu}, a block of threads for each attack. */
final class CudaGradientMatching implements GradientMatching {
    private static final String MODULE = "gradient_matching";
    /** The kernel's {@code GRADIENT_ONLY}. */
    private static final int GRADIENT_ONLY = 3;

    private final CudaDevice device;
    private final int rung;

    CudaGradientMatching(CudaDevice device) {
        this(device, 1);
    }

    /** With the layers of a rung. */
    CudaGradientMatching(CudaDevice device, int rung) {
        this.device = device;
        this.rung = rung;
    }

    @Override
    public Evaluator open(Network network, float[] parameters, int attacks, int images, Distance distance) {
        OpenArguments.check(network, parameters, attacks, images);
        MatchingSlots slots =
                new MatchingSlots(device, MODULE, new MatchingProgram(network, images, rung), parameters, attacks);
        try {
            return new CudaEvaluator(slots, network, attacks, images, distance);
        } catch (RuntimeException | Error failure) {
            slots.close();
            throw failure;
        }
    }

    @Override
    public int attacksThatFit(Network network, int images) {
        long values = images * ((long) network.input().size() + network.classes());
        return MatchingSlots.attacksThatFit(
                device,
                MODULE,
                new MatchingProgram(network, images, rung),
                Float.BYTES * (network.parameterCount() + 2 * values) + Integer.BYTES + Double.BYTES);
    }

    @Override
    public Optional<ResidentInversion> residentInversion() {
        return Optional.of(new CudaInversion(device, rung));
    }

    private static final class CudaEvaluator implements Evaluator {
        private final MatchingSlots slots;
        private final Workspace work;
        private final Network network;
        private final Distance distance;
        private final int inputs;
        private final int labels;
        private final DeviceMemory targets;
        private final DeviceMemory active;
        private final DeviceMemory x;
        private final DeviceMemory labelLogits;
        private final DeviceMemory distances;
        private final DeviceMemory inputGradients;
        private final DeviceMemory labelGradients;
        /** What is copied, attacks asked for side by side. */
        private final int[] packedActive;

        private final float[] packedInputs;
        private final float[] packedLabels;
        private final double[] packedDistances;

        CudaEvaluator(MatchingSlots slots, Network network, int attacks, int images, Distance distance) {
            this.slots = slots;
            this.work = slots.work();
            this.network = network;
            this.distance = distance;
            inputs = images * network.input().size();
            labels = images * network.classes();
            packedActive = new int[attacks];
            packedInputs = new float[Math.multiplyExact(attacks, inputs)];
            packedLabels = new float[Math.multiplyExact(attacks, labels)];
            packedDistances = new double[attacks];
            targets = work.room((long) attacks * network.parameterCount(), Float.BYTES, "shared gradients");
            work.clear(targets);
            active = work.room(attacks, Integer.BYTES, "indices of attacks");
            x = work.room(packedInputs.length, Float.BYTES, "dummy inputs");
            labelLogits = work.room(packedLabels.length, Float.BYTES, "dummy labels");
            distances = work.room(attacks, Double.BYTES, "distances");
            inputGradients = work.room(packedInputs.length, Float.BYTES, "gradients of dummy inputs");
            labelGradients = work.room(packedLabels.length, Float.BYTES, "gradients of dummy labels");
        }

        @Override
        public void target(int attack, float[] gradient) {
            OpenArguments.checkTarget(network, gradient);
            work.put(gradient, targets, (long) attack * gradient.length * Float.BYTES);
        }

        @Override
        public void evaluate(
                int[] active,
                int count,
                float[] inputs,
                float[] labelLogits,
                double[] distances,
                float[] inputGradients,
                float[] labelGradients) {
            if (count == 0) {
                return;
            }
            System.arraycopy(active, 0, packedActive, 0, count);
            for (int n = 0; n < count; n++) {
                System.arraycopy(inputs, active[n] * this.inputs, packedInputs, n * this.inputs, this.inputs);
                System.arraycopy(labelLogits, active[n] * labels, packedLabels, n * labels, labels);
            }
            work.put(packedActive, this.active, 0);
            launch(count, MatchingSlots.number(distance));
            work.get(this.distances, 0, packedDistances);
            work.getFirst(this.inputGradients, 0, packedInputs, count * this.inputs);
            work.getFirst(this.labelGradients, 0, packedLabels, count * labels);
            for (int n = 0; n < count; n++) {
                distances[active[n]] = packedDistances[n];
                System.arraycopy(packedInputs, n * this.inputs, inputGradients, active[n] * this.inputs, this.inputs);
                System.arraycopy(packedLabels, n * labels, labelGradients, active[n] * labels, labels);
            }
        }

        @Override
        public void gradient(float[] inputs, float[] labelLogits, float[] gradient) {
            System.arraycopy(inputs, 0, packedInputs, 0, this.inputs);
            System.arraycopy(labelLogits, 0, packedLabels, 0, labels);
            launch(1, GRADIENT_ONLY);
            slots.gradient(gradient);
        }

        private void launch(int count, int kind) {
            work.putFirst(packedInputs, count * inputs, x, 0);
            work.putFirst(packedLabels, count * labels, labelLogits, 0);
            slots.launch(
                    count,
                    slots.code(),
                    slots.parameters(),
                    targets,
                    active,
                    count,
                    x,
                    labelLogits,
                    kind,
                    (float) distance.alpha(),
                    slots.memory(),
                    slots.size(),
                    distances,
                    inputGradients,
                    labelGradients);
        }

        @Override
        public void close() {
            slots.close();
        }
    }
}
