package leakmark.attacks.optim;

/**
 * L-BFGS's approximation H of the inverse Hessian, from the last m pairs {@code s = Δx}, {@code y = Δg} with
 * {@code sᵀy > 0}; the start is {@code (sᵀy / yᵀy)·I} of the newest. Applying it by the two-loop recursion costs 4·m·n
 * multiply-adds and reads 16·m·n bytes.
 */
final class InverseHessian {
    private final int variables;
    private final float[][] steps;
    private final float[][] differences;
    private final double[] curvatures;
    private final double[] coefficients;
    private int newest = -1;
    private int count;
    private double scale = 1;

    InverseHessian(int variables, int history) {
        this.variables = variables;
        steps = new float[history][];
        differences = new float[history][];
        curvatures = new double[history];
        coefficients = new double[history];
    }

    /** Forgets all pairs. */
    void clear() {
        count = 0;
        newest = -1;
        scale = 1;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /**
     * Takes a pair, unless its curvature sᵀy is at most {@code least}.
     *
     * @param step t with s = t·d
     */
    void add(double step, float[] direction, float[] gradient, float[] before, double least) {
        int slot = (newest + 1) % steps.length;
        float[] s = steps[slot] == null ? new float[variables] : steps[slot];
        float[] y = differences[slot] == null ? new float[variables] : differences[slot];
        steps[slot] = s;
        differences[slot] = y;
        Vectors.subtract(y, gradient, before);
        Vectors.copy(s, direction);
        Vectors.scale(s, step);
        double curvature = Vectors.dot(s, y);
        if (!(curvature > least)) {
            // The slot may have held the oldest pair; it is gone now.
            count = Math.min(count, steps.length - 1);
            return;
        }
        newest = slot;
        count = Math.min(count + 1, steps.length);
        curvatures[slot] = curvature;
        scale = curvature / Vectors.dot(y, y);
    }

    /** {@code direction = −H·gradient}. */
    void descend(float[] direction, float[] gradient) {
        Vectors.negate(direction, gradient);
        if (count == 0) {
            return;
        }
        // Each pass over a pair ends with the next pair's dot product, so that the direction is read once for both.
        double along = Vectors.dot(steps[slot(0)], direction);
        for (int back = 0; back < count; back++) {
            int slot = slot(back);
            double coefficient = along / curvatures[slot];
            coefficients[slot] = coefficient;
            float[] next = steps[slot(Math.min(back + 1, count - 1))];
            along = Vectors.addScaledThenDot(direction, -coefficient, differences[slot], next);
        }
        Vectors.scale(direction, scale);
        along = Vectors.dot(differences[slot(count - 1)], direction);
        for (int back = count - 1; back >= 0; back--) {
            int slot = slot(back);
            double factor = coefficients[slot] - along / curvatures[slot];
            float[] next = differences[slot(Math.max(back - 1, 0))];
            along = Vectors.addScaledThenDot(direction, factor, steps[slot], next);
        }
    }

    private int slot(int back) {
        return Math.floorMod(newest - back, steps.length);
    }
}
