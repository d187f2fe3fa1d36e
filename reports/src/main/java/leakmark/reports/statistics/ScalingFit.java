package leakmark.reports.statistics;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * Ordinary least squares of a power law on one to four axes:
 * {@code log(time) = log(scale) + Σ exponent_k · log(axis_k)}.
 */
public sealed interface ScalingFit {
    /**
     * A fit.
     *
     * @param exponents one for each axis, in the order given
     * @param scale time where every axis is 1, in the unit of the times
     * @param residualDeviation residual standard deviation of log(time)
     * @param degreesOfFreedom cells − axes − 1
     */
    record Fitted(List<Exponent> exponents, double scale, double residualDeviation, int degreesOfFreedom)
            implements ScalingFit {
        public Fitted {
            exponents = List.copyOf(exponents);
        }
    }

    /**
     * No fit.
     *
     * @param reason why, in a few words
     */
    record NotFitted(String reason) implements ScalingFit {}

    /**
     * An exponent with its 95 % confidence interval.
     *
     * @param axis name
     * @param value estimate
     * @param low lower end
     * @param high upper end
     */
    record Exponent(String axis, double value, double low, double high) {}

    /**
     * A measured cell.
     *
     * @param sizes position on each axis, above 0
     * @param time above 0
     */
    record Cell(List<Double> sizes, double time) {
        public Cell {
            sizes = List.copyOf(sizes);
            for (double size : sizes) {
                requirePositive(size, "size");
            }
            requirePositive(time, "time");
        }

        private static void requirePositive(double value, String name) {
            if (!(value > 0) || !Double.isFinite(value)) {
                throw new IllegalArgumentException(name + " is " + value + "; a power law needs it above 0 and finite");
            }
        }
    }

    /** Most axes of one fit. */
    int MOST_AXES = 4;

    /** Fewest degrees of freedom for which an interval is worth printing. */
    int LEAST_DEGREES_OF_FREEDOM = 3;

    /**
     * Fits exponents with t intervals of {@code cells − axes − 1} degrees of freedom.
     *
     * @param axes one to four names
     * @param cells each with as many sizes
     */
    static ScalingFit of(List<String> axes, List<Cell> cells) {
        int count = axes.size();
        if (count < 1 || count > MOST_AXES) {
            throw new IllegalArgumentException(count + " axes; 1 to " + MOST_AXES + " are supported");
        }
        if (cells.stream().anyMatch(cell -> cell.sizes().size() != count)) {
            throw new IllegalArgumentException("every cell needs " + count + " sizes");
        }
        int degreesOfFreedom = cells.size() - count - 1;
        if (degreesOfFreedom < LEAST_DEGREES_OF_FREEDOM) {
            return new NotFitted("not enough cells: " + cells.size() + " of " + (count + 1 + LEAST_DEGREES_OF_FREEDOM));
        }
        double[] y = cells.stream().mapToDouble(cell -> Math.log(cell.time())).toArray();
        double[][] x = new double[count][];
        for (int k = 0; k < count; k++) {
            int axis = k;
            x[k] = cells.stream()
                    .mapToDouble(cell -> Math.log(cell.sizes().get(axis)))
                    .toArray();
        }
        return solve(axes, x, y, degreesOfFreedom);
    }

    private static ScalingFit solve(List<String> axes, double[][] x, double[] y, int degreesOfFreedom) {
        int count = axes.size();
        double meanY = center(y);
        double[] meanX = new double[count];
        for (int k = 0; k < count; k++) {
            meanX[k] = center(x[k]);
            if (!(dot(x[k], x[k]) > 0)) {
                return new NotFitted(axes.get(k) + " does not vary");
            }
        }
        double[][] normal = new double[count][count];
        for (int k = 0; k < count; k++) {
            for (int j = 0; j < count; j++) {
                // Scaled to a unit diagonal, so that a pivot says what an axis adds to those before it.
                normal[k][j] = dot(x[k], x[j]) / Math.sqrt(dot(x[k], x[k]) * dot(x[j], x[j]));
            }
        }
        double[][] inverse = inverse(normal);
        if (inverse.length == 0) {
            return new NotFitted(String.join(" and ", axes) + " vary only together");
        }
        for (int k = 0; k < count; k++) {
            for (int j = 0; j < count; j++) {
                inverse[k][j] /= Math.sqrt(dot(x[k], x[k]) * dot(x[j], x[j]));
            }
        }
        double[] right = new double[count];
        for (int k = 0; k < count; k++) {
            right[k] = dot(x[k], y);
        }
        double[] exponents = new double[count];
        double intercept = meanY;
        for (int k = 0; k < count; k++) {
            for (int j = 0; j < count; j++) {
                exponents[k] += inverse[k][j] * right[j];
            }
            intercept -= exponents[k] * meanX[k];
        }
        double squares = 0;
        for (int i = 0; i < y.length; i++) {
            double residual = y[i];
            for (int k = 0; k < count; k++) {
                residual -= exponents[k] * x[k][i];
            }
            squares += residual * residual;
        }
        double variance = squares / degreesOfFreedom;
        double t = TDistribution.of(degreesOfFreedom).inverseSurvivalProbability(0.025);
        List<Exponent> fitted = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            double half = t * Math.sqrt(variance * inverse[k][k]);
            fitted.add(new Exponent(axes.get(k), exponents[k], exponents[k] - half, exponents[k] + half));
        }
        return new Fitted(fitted, Math.exp(intercept), Math.sqrt(variance), degreesOfFreedom);
    }

    /** Gauss and Jordan's, of a matrix with unit diagonal; empty where a pivot is below 1e-10. */
    private static double[][] inverse(double[][] matrix) {
        int size = matrix.length;
        double[][] inverse = new double[size][size];
        for (int k = 0; k < size; k++) {
            inverse[k][k] = 1;
        }
        for (int k = 0; k < size; k++) {
            // A correlation matrix is positive definite: no pivoting is needed.
            double pivot = matrix[k][k];
            if (!(pivot > 1e-10)) {
                return new double[0][];
            }
            for (int j = 0; j < size; j++) {
                matrix[k][j] /= pivot;
                inverse[k][j] /= pivot;
            }
            for (int i = 0; i < size; i++) {
                double factor = matrix[i][k];
                for (int j = 0; i != k && j < size; j++) {
                    matrix[i][j] -= factor * matrix[k][j];
                    inverse[i][j] -= factor * inverse[k][j];
                }
            }
        }
        return inverse;
    }

    /** Subtracts the mean in place and returns it. */
    private static double center(double[] values) {
        double mean = 0;
        for (double value : values) {
            mean += value / values.length;
        }
        double spread = 0;
        for (double value : values) {
            spread = Math.max(spread, Math.abs(value - mean));
        }
        // A constant axis must come out as exactly 0 in spite of rounding in the mean.
        boolean constant = spread <= 1e-12 * Math.max(1, Math.abs(mean));
        for (int i = 0; i < values.length; i++) {
            values[i] = constant ? 0 : values[i] - mean;
        }
        return mean;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
