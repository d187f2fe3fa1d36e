package leakmark.kernels.vector;

import static leakmark.kernels.vector.Species.DOUBLE;

import java.util.Arrays;
import java.util.stream.IntStream;
import jdk.incubator.vector.DoubleVector;
import leakmark.kernels.SupportRecovery;

/**
 * A problem to a core, its working set in the second cache: one system's weighted dictionary at a time. Atoms that lost
 * their weight are squeezed out, so that a step's cost falls with the support.
 */
final class VectorSupportRecovery implements SupportRecovery {
    /** Atoms under this weight, relative to the largest, have no part in the solution. */
    private static final double FLOOR = 1e-7;

    /** Squeezing copies the dictionary: worth it when so much of it goes. */
    private static final double SQUEEZE = 0.8;

    private static final int LANES = DOUBLE.length();

    @Override
    public double[][] groupNorms(Dictionary dictionary, Problem[] problems, Schedule schedule) {
        double[][] result = new double[problems.length][];
        Species.parallel(problems.length, i -> result[i] = new Solve(dictionary, problems[i]).run(schedule));
        return result;
    }

    /** One problem's state. Rows of the dictionary are padded to whole vectors with zeros. */
    private static final class Solve {
        private final Problem problem;
        private final int systems;
        private final int q;
        private final int all;
        private int[] active;
        private int stride;
        private double[] dictionary;
        private double[] weights;
        private double[] scaled = new double[0];
        private double[] roots = new double[0];
        private final double[] gram;
        private double[] norms = new double[0];

        Solve(Dictionary full, Problem problem) {
            this.problem = problem;
            this.systems = full.systems();
            this.q = full.equations();
            this.all = full.atoms();
            this.active = IntStream.range(0, all)
                    .filter(a -> problem.weights()[a] > FLOOR)
                    .toArray();
            this.gram = new double[SmallCholesky.padded(q) * SmallCholesky.stride(q)];
            this.weights =
                    Arrays.stream(active).mapToDouble(a -> problem.weights()[a]).toArray();
            this.dictionary = squeezed(full.values(), all, active);
            pad();
        }

        double[] run(Schedule schedule) {
            double epsilon = schedule.epsilon();
            for (int step = 0; step < schedule.steps(); step++) {
                norms = new double[stride];
                for (int e = 0; e < systems; e++) {
                    addNorms(e, factored(e, schedule.ridge()));
                }
                reweigh(schedule.exponent(), epsilon);
                epsilon = Math.max(epsilon * schedule.decay(), schedule.leastEpsilon());
                squeeze();
            }
            double[] result = new double[all];
            double largest = Arrays.stream(norms, 0, active.length).max().orElse(0);
            for (int a = 0; a < active.length; a++) {
                result[active[a]] = largest == 0 ? 0 : Math.sqrt(norms[a] / largest);
            }
            return result;
        }

        private void pad() {
            stride = (active.length + LANES - 1) / LANES * LANES;
            double[] padded = new double[systems * q * stride];
            for (int row = 0; row < systems * q; row++) {
                System.arraycopy(dictionary, row * active.length, padded, row * stride, active.length);
            }
            dictionary = padded;
            weights = Arrays.copyOf(weights, stride);
            norms = Arrays.copyOf(norms, stride);
            scaled = new double[SmallCholesky.padded(q) * stride];
            roots = new double[stride];
        }

        private static double[] squeezed(double[] rows, int width, int[] kept) {
            int count = rows.length / width;
            double[] result = new double[count * kept.length];
            for (int row = 0; row < count; row++) {
                for (int a = 0; a < kept.length; a++) {
                    result[row * kept.length + a] = rows[row * width + kept[a]];
                }
            }
            return result;
        }

        /** Cholesky factor of {@code D W Dᵀ + λ tr/q I}. */
        double[] factored(int e, double ridge) {
            int base = e * q * stride;
            for (int a = 0; a < stride; a += LANES) {
                DoubleVector.fromArray(DOUBLE, weights, a).sqrt().intoArray(roots, a);
            }
            for (int i = 0; i < q; i++) {
                for (int a = 0; a < stride; a += LANES) {
                    DoubleVector.fromArray(DOUBLE, dictionary, base + i * stride + a)
                            .mul(DoubleVector.fromArray(DOUBLE, roots, a))
                            .intoArray(scaled, i * stride + a);
                }
            }
            SmallCholesky.gram(scaled, q, stride, gram);
            int ld = SmallCholesky.stride(q);
            double trace = 0;
            for (int i = 0; i < q; i++) {
                trace += gram[i * ld + i];
            }
            for (int i = 0; i < q; i++) {
                gram[i * ld + i] += ridge * trace / q;
            }
            SmallCholesky.factor(gram, q);
            return gram;
        }

        private void addNorms(int e, double[] factor) {
            int base = e * q * stride;
            double[] z = new double[SmallCholesky.stride(q)];
            double[] x = new double[stride];
            for (int c = 0; c < problem.columns(); c++) {
                Arrays.fill(z, 0);
                System.arraycopy(problem.values(), (e * problem.columns() + c) * q, z, 0, q);
                SmallCholesky.forward(factor, q, z);
                Arrays.fill(z, q, z.length, 0);
                SmallCholesky.backward(factor, q, z);
                Arrays.fill(x, 0);
                for (int i = 0; i < q; i++) {
                    Projection.add(z[i], dictionary, base + i * stride, x, 0, stride);
                }
                for (int a = 0; a < stride; a += LANES) {
                    DoubleVector v =
                            DoubleVector.fromArray(DOUBLE, x, a).mul(DoubleVector.fromArray(DOUBLE, weights, a));
                    v.fma(v, DoubleVector.fromArray(DOUBLE, norms, a)).intoArray(norms, a);
                }
            }
        }

        private void reweigh(double exponent, double epsilon) {
            double largest = 0;
            for (int a = 0; a < active.length; a++) {
                largest = Math.max(largest, norms[a]);
            }
            if (!(largest > 0)) {
                return;
            }
            double top = Math.pow(1 + epsilon, exponent);
            for (int a = 0; a < active.length; a++) {
                weights[a] = Math.pow(norms[a] / largest + epsilon, exponent) / top;
            }
        }

        private void squeeze() {
            int[] kept = IntStream.range(0, active.length)
                    .filter(a -> weights[a] > FLOOR)
                    .toArray();
            if (kept.length > SQUEEZE * active.length) {
                return;
            }
            double[] packed = new double[systems * q * kept.length];
            for (int row = 0; row < systems * q; row++) {
                for (int a = 0; a < kept.length; a++) {
                    packed[row * kept.length + a] = dictionary[row * stride + kept[a]];
                }
            }
            weights = Arrays.stream(kept).mapToDouble(a -> weights[a]).toArray();
            norms = Arrays.stream(kept).mapToDouble(a -> norms[a]).toArray();
            active = Arrays.stream(kept).map(a -> active[a]).toArray();
            dictionary = packed;
            pad();
        }
    }
}
