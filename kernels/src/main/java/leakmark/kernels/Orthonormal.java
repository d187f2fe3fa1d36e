package leakmark.kernels;

import java.util.Arrays;
import java.util.Random;

/** Small orthonormalisations in float64, by Gram-Schmidt done twice (which is enough: Kahan, Parlett). */
public final class Orthonormal {
    /** A direction whose rest is smaller than this part of it lies in the space already. */
    private static final double INSIDE = 1e-6;

    private Orthonormal() {}

    /**
     * Extends a basis by directions that are not in it yet.
     *
     * @param basis Q, d × r column-major
     * @param directions vectors of length d
     * @return the wider basis, column-major
     */
    public static double[] append(double[] basis, int dimension, float[]... directions) {
        double[] result = basis;
        for (float[] direction : directions) {
            double[] vector = new double[dimension];
            for (int i = 0; i < dimension; i++) {
                vector[i] = direction[i];
            }
            double before = norm(vector);
            removeTwice(result, dimension, vector);
            double rest = norm(vector);
            if (rest > INSIDE * before) {
                int end = result.length;
                result = Arrays.copyOf(result, end + dimension);
                for (int i = 0; i < dimension; i++) {
                    result[end + i] = vector[i] / rest;
                }
            }
        }
        return result;
    }

    /** Random orthonormal columns of the complement of {@code basis} (d × r column-major): N, d × k row-major. */
    static Matrix complement(double[] basis, int dimension, int columns, long seed) {
        double[] vectors = randomDirections(dimension, basis.length / dimension, columns, seed);
        for (int c = 0; c < columns; c++) {
            double[] vector = Arrays.copyOfRange(vectors, c * dimension, (c + 1) * dimension);
            removeTwice(basis, dimension, vector);
            System.arraycopy(vector, 0, vectors, c * dimension, dimension);
        }
        return orthonormalColumns(vectors, dimension);
    }

    /**
     * Random directions from which a complement sketch is made.
     *
     * @return k rows of length d
     */
    public static double[] randomDirections(int dimension, int rank, int columns, long seed) {
        if (columns < 1 || columns > dimension - rank) {
            throw new IllegalArgumentException(
                    "a complement of dimension " + (dimension - rank) + " has no " + columns + " orthonormal columns");
        }
        return new Random(seed).doubles((long) columns * dimension, -1, 1).toArray();
    }

    /** Orthonormalises k rows of length d among themselves and returns them as columns, d × k. */
    public static Matrix orthonormalColumns(double[] rows, int dimension) {
        int columns = rows.length / dimension;
        float[] result = new float[dimension * columns];
        double[] done = new double[0];
        for (int c = 0; c < columns; c++) {
            double[] vector = Arrays.copyOfRange(rows, c * dimension, (c + 1) * dimension);
            removeTwice(done, dimension, vector);
            double length = norm(vector);
            done = Arrays.copyOf(done, (c + 1) * dimension);
            for (int i = 0; i < dimension; i++) {
                done[c * dimension + i] = vector[i] / length;
                result[i * columns + c] = (float) (vector[i] / length);
            }
        }
        return new Matrix(dimension, columns, result);
    }

    private static void removeTwice(double[] basis, int dimension, double[] vector) {
        for (int pass = 0; pass < 2; pass++) {
            for (int start = 0; start < basis.length; start += dimension) {
                double dot = 0;
                for (int i = 0; i < dimension; i++) {
                    dot += basis[start + i] * vector[i];
                }
                for (int i = 0; i < dimension; i++) {
                    vector[i] -= dot * basis[start + i];
                }
            }
        }
    }

    private static double norm(double[] vector) {
        double sum = 0;
        for (double value : vector) {
            sum += value * value;
        }
        return Math.sqrt(sum);
    }
}
