package leakmark.attacks.optim;

import java.util.function.ToDoubleBiFunction;

/** Test functions with known minima. */
final class Functions {
    private Functions() {}

    /** Σ 100·(x_{i+1} − x_i²)² + (1 − x_i)²; minimum 0 at (1, …, 1). */
    static double rosenbrock(float[] x, float[] gradient) {
        double sum = 0;
        java.util.Arrays.fill(gradient, 0);
        for (int i = 0; i + 1 < x.length; i++) {
            double a = x[i + 1] - (double) x[i] * x[i];
            double b = 1 - (double) x[i];
            sum += 100 * a * a + b * b;
            gradient[i] += (float) (-400 * a * x[i] - 2 * b);
            gradient[i + 1] += (float) (200 * a);
        }
        return sum;
    }

    /** ½ Σ (i+1)·(x_i − i)²; minimum 0 at (0, 1, 2, …). */
    static double quadratic(float[] x, float[] gradient) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            double difference = (double) x[i] - i;
            sum += 0.5 * (i + 1) * difference * difference;
            gradient[i] = (float) ((i + 1) * difference);
        }
        return sum;
    }

    /** The same function for each attack. */
    static Objective each(int variables, ToDoubleBiFunction<float[], float[]> function) {
        return new Objective() {
            @Override
            public int variables() {
                return variables;
            }

            @Override
            public void evaluate(int count, int[] attacks, float[][] points, double[] losses, float[][] gradients) {
                for (int i = 0; i < count; i++) {
                    losses[i] = function.applyAsDouble(points[i], gradients[i]);
                }
            }
        };
    }
}
