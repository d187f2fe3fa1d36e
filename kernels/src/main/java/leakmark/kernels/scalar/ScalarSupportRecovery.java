package leakmark.kernels.scalar;

import java.util.Arrays;
import leakmark.kernels.SupportRecovery;

/** The formula, written out: Gaussian elimination with pivots, all atoms in every step. */
final class ScalarSupportRecovery implements SupportRecovery {
    @Override
    public double[][] groupNorms(Dictionary dictionary, Problem[] problems, Schedule schedule) {
        return Arrays.stream(problems)
                .map(problem -> groupNorms(dictionary, problem, schedule))
                .toArray(double[][]::new);
    }

    private static double[] groupNorms(Dictionary dictionary, Problem problem, Schedule schedule) {
        int m = dictionary.atoms();
        int q = dictionary.equations();
        double[] weights = problem.weights().clone();
        double[] norms = new double[m];
        double epsilon = schedule.epsilon();
        for (int step = 0; step < schedule.steps(); step++) {
            norms = new double[m];
            for (int e = 0; e < dictionary.systems(); e++) {
                for (int c = 0; c < problem.columns(); c++) {
                    double[] y = new double[q];
                    System.arraycopy(problem.values(), (e * problem.columns() + c) * q, y, 0, q);
                    double[] z = solve(gram(dictionary, e, weights, schedule.ridge()), y);
                    for (int a = 0; a < m; a++) {
                        double x = 0;
                        for (int i = 0; i < q; i++) {
                            x += dictionary.values()[(e * q + i) * m + a] * z[i];
                        }
                        norms[a] += weights[a] * x * weights[a] * x;
                    }
                }
            }
            double largest = Arrays.stream(norms).max().orElse(0);
            if (largest > 0) {
                for (int a = 0; a < m; a++) {
                    weights[a] = Math.pow((norms[a] / largest + epsilon) / (1 + epsilon), schedule.exponent());
                }
            }
            epsilon = Math.max(epsilon * schedule.decay(), schedule.leastEpsilon());
        }
        double largest = Arrays.stream(norms).max().orElse(0);
        return Arrays.stream(norms)
                .map(norm -> largest == 0 ? 0 : Math.sqrt(norm / largest))
                .toArray();
    }

    private static double[][] gram(Dictionary dictionary, int e, double[] weights, double ridge) {
        int m = dictionary.atoms();
        int q = dictionary.equations();
        double[][] gram = new double[q][q];
        double trace = 0;
        for (int i = 0; i < q; i++) {
            for (int j = 0; j < q; j++) {
                for (int a = 0; a < m; a++) {
                    gram[i][j] += dictionary.values()[(e * q + i) * m + a]
                            * weights[a]
                            * dictionary.values()[(e * q + j) * m + a];
                }
            }
            trace += gram[i][i];
        }
        for (int i = 0; i < q; i++) {
            gram[i][i] += ridge * trace / q;
        }
        return gram;
    }

    /** Solves A x = b; both are overwritten. */
    private static double[] solve(double[][] a, double[] b) {
        int n = b.length;
        for (int k = 0; k < n; k++) {
            int pivot = k;
            for (int i = k + 1; i < n; i++) {
                pivot = Math.abs(a[i][k]) > Math.abs(a[pivot][k]) ? i : pivot;
            }
            double[] row = a[k];
            a[k] = a[pivot];
            a[pivot] = row;
            double value = b[k];
            b[k] = b[pivot];
            b[pivot] = value;
            for (int i = k + 1; i < n; i++) {
                double factor = a[i][k] / a[k][k];
                for (int j = k; j < n; j++) {
                    a[i][j] -= factor * a[k][j];
                }
                b[i] -= factor * b[k];
            }
        }
        double[] x = new double[n];
        for (int k = n - 1; k >= 0; k--) {
            x[k] = b[k];
            for (int j = k + 1; j < n; j++) {
                x[k] -= a[k][j] * x[j];
            }
            x[k] /= a[k][k];
        }
        return x;
    }
}
