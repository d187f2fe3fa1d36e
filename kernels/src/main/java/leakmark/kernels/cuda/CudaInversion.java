package leakmark.kernels.cuda;

import leakmark.kernels.matching.Distance;
import leakmark.kernels.matching.Network;
import leakmark.kernels.matching.OpenArguments;
import leakmark.kernels.matching.ResidentInversion;

/** Whole attacks by {@code gradient_search.cu}, a block of threads for each. */
final class CudaInversion implements ResidentInversion {
    private static final String MODULE = "gradient_search";
    /** Vectors of an attack beside its pairs: where it is, its line, its best. */
    private static final int VECTORS = 7;
    /** The kernel's {@code SearchState}, in ints. */
    private static final int STATE = 36;
    /** Ending, iterations, evaluations. */
    private static final int PROGRESS = 3;

    private final CudaDevice device;
    private final int rung;

    CudaInversion(CudaDevice device, int rung) {
        this.device = device;
        this.rung = rung;
    }

    @Override
    public Attacks open(Network network, float[] parameters, int attacks, int images, Distance distance, Rule rule) {
        OpenArguments.check(network, parameters, attacks, images);
        MatchingSlots slots =
                new MatchingSlots(device, MODULE, new MatchingProgram(network, images, rung), parameters, attacks);
        try {
            return new CudaAttacks(slots, network, attacks, images, distance, rule);
        } catch (RuntimeException | Error failure) {
            slots.close();
            throw failure;
        }
    }

    @Override
    public int attacksThatFit(Network network, int images, Rule rule) {
        long values = images * ((long) network.input().size() + network.classes());
        long vectors = VECTORS + 2L * rule.history();
        long bytes = Float.BYTES * (network.parameterCount() + vectors * values + (long) images * network.classes())
                + Double.BYTES * (rule.history() + 2L)
                + Integer.BYTES * (STATE + PROGRESS + 1L);
        return MatchingSlots.attacksThatFit(device, MODULE, new MatchingProgram(network, images, rung), bytes);
    }

    private static final class CudaAttacks implements Attacks {
        private final MatchingSlots slots;
        private final Workspace work;
        private final Network network;
        private final Distance distance;
        private final Rule rule;
        private final int variables;
        private final int labels;
        /** Floats from one attack's vectors to the next one's. */
        private final long stride;

        private final DeviceMemory targets;
        private final DeviceMemory active;
        private final DeviceMemory labelLogits;
        private final DeviceMemory wanted;
        private final DeviceMemory vectors;
        private final DeviceMemory curvatures;
        private final DeviceMemory states;
        private final DeviceMemory distances;
        private final DeviceMemory progress;
        private final int[] running;
        private int runningCount;
        private final double[] hostDistances;
        private final int[] hostProgress;

        CudaAttacks(MatchingSlots slots, Network network, int attacks, int images, Distance distance, Rule rule) {
            this.slots = slots;
            this.work = slots.work();
            this.network = network;
            this.distance = distance;
            this.rule = rule;
            int inputs = images * network.input().size();
            labels = images * network.classes();
            variables = rule.labelsKnown() ? inputs : inputs + labels;
            stride = (long) (VECTORS + 2 * rule.history()) * (inputs + labels);
            targets = work.room((long) attacks * network.parameterCount(), Float.BYTES, "shared gradients");
            active = work.room(attacks, Integer.BYTES, "indices of attacks");
            labelLogits = work.room(rule.labelsKnown() ? (long) attacks * labels : 1, Float.BYTES, "known labels");
            wanted = work.room(attacks, Double.BYTES, "wanted distances");
            vectors = work.room(attacks * stride, Float.BYTES, "vectors of L-BFGS");
            curvatures = work.room((long) attacks * rule.history(), Double.BYTES, "curvatures of L-BFGS");
            states = work.room((long) attacks * STATE, Integer.BYTES, "states of searches");
            work.clear(states);
            distances = work.room(attacks, Double.BYTES, "distances");
            progress = work.room((long) attacks * PROGRESS, Integer.BYTES, "progress of searches");
            running = new int[attacks];
            hostDistances = new double[attacks];
            java.util.Arrays.fill(hostDistances, Double.POSITIVE_INFINITY);
            work.put(hostDistances, distances, 0);
            hostProgress = new int[attacks * PROGRESS];
            work.clear(progress);
        }

        @Override
        public int variables() {
            return variables;
        }

        @Override
        public void start(int attack, float[] gradient, float[] start, float[] labelLogits, double wanted) {
            OpenArguments.checkTarget(network, gradient);
            if (start.length != variables || labelLogits.length != (rule.labelsKnown() ? labels : 0)) {
                throw new IllegalArgumentException("an attack has " + variables + " variables and "
                        + (rule.labelsKnown() ? labels : 0) + " known logits, not " + start.length + " and "
                        + labelLogits.length);
            }
            work.put(gradient, targets, (long) attack * gradient.length * Float.BYTES);
            work.put(start, vectors, attack * stride * Float.BYTES);
            work.put(labelLogits, this.labelLogits, (long) attack * labelLogits.length * Float.BYTES);
            work.put(new double[] {wanted}, this.wanted, (long) attack * Double.BYTES);
            running[runningCount++] = attack;
        }

        @Override
        public int advance(int evaluations) {
            if (runningCount == 0) {
                return 0;
            }
            work.put(running, active, 0);
            slots.launch(
                    runningCount,
                    slots.code(),
                    slots.parameters(),
                    targets,
                    active,
                    runningCount,
                    labelLogits,
                    rule.labelsKnown() ? 1 : 0,
                    MatchingSlots.number(distance),
                    (float) distance.alpha(),
                    (float) rule.inputScale(),
                    rule.history(),
                    rule.iterations(),
                    evaluations,
                    wanted,
                    slots.memory(),
                    slots.size(),
                    vectors,
                    curvatures,
                    states,
                    distances,
                    progress);
            work.get(distances, 0, hostDistances);
            work.get(progress, 0, hostProgress);
            int left = 0;
            for (int i = 0; i < runningCount; i++) {
                if (status(running[i]) == Status.RUNNING) {
                    running[left++] = running[i];
                }
            }
            runningCount = left;
            return left;
        }

        @Override
        public Status status(int attack) {
            int number = hostProgress[PROGRESS * attack];
            return switch (number) {
                case 0 -> Status.RUNNING;
                case 1 -> Status.CONVERGED;
                case 2 -> Status.STALLED;
                case 3 -> Status.EXHAUSTED;
                case 4 -> Status.NOT_FINITE;
                default -> throw new IllegalStateException("gradient_search ended an attack with " + number);
            };
        }

        @Override
        public double distance(int attack) {
            return hostDistances[attack];
        }

        @Override
        public int iterations(int attack) {
            return hostProgress[PROGRESS * attack + 1];
        }

        @Override
        public int evaluations(int attack) {
            return hostProgress[PROGRESS * attack + 2];
        }

        @Override
        public void best(int attack, float[] best) {
            long vector = stride / (VECTORS + 2 * rule.history());
            work.getFirst(vectors, (attack * stride + (VECTORS - 1) * vector) * Float.BYTES, best, variables);
        }

        @Override
        public void close() {
            slots.close();
        }
    }
}
