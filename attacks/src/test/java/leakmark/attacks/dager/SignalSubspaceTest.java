package leakmark.attacks.dager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import leakmark.attacks.model.Tensor;
import leakmark.kernels.Matrix;
import leakmark.kernels.dense.DenseAlgebra;
import org.junit.jupiter.api.Test;

/** Spiked matrices of known noise, and chance by simulation. */
class SignalSubspaceTest {
    private static final int D = 60;
    private static final int M = 141;

    private static Tensor noisy(int rank, double strength, double noise) {
        Random random = new Random(11);
        float[] data = new float[D * M];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) (noise * random.nextGaussian());
        }
        for (int r = 0; r < rank; r++) {
            double[] u = unit(random, D);
            double[] v = unit(random, M);
            for (int e = 0; e < D; e++) {
                for (int j = 0; j < M; j++) {
                    data[e * M + j] += (float) (strength * u[e] * v[j]);
                }
            }
        }
        return Tensor.matrix(D, M, data);
    }

    private static double[] unit(Random random, int n) {
        double[] x = random.doubles(n, -1, 1).toArray();
        double square = 0;
        for (double value : x) {
            square += value * value;
        }
        for (int i = 0; i < n; i++) {
            x[i] /= Math.sqrt(square);
        }
        return x;
    }

    /** The edge is s(√d + √m); the noise is known to 1/√(2dm) = 0.8 %. */
    @Test
    void noiseAndRankComeFromTheSpectrum() {
        double noise = 0.3;
        double edge = noise * (Math.sqrt(D) + Math.sqrt(M));
        SignalSubspace found = SignalSubspace.of(noisy(4, 3 * edge, noise));
        assertEquals(4, found.rank());
        assertEquals(noise, found.noise(), 0.04 * noise);
        assertEquals(edge, found.edge(), 0.04 * edge);
        // Shrinkage takes off what noise adds: y² = x² + d + m + dm/x² for a spike of x, in units of the noise.
        double spike = 3 * edge / noise;
        for (int k = 0; k < 4; k++) {
            double square = 0;
            for (int e = 0; e < D; e++) {
                square += (double) found.rows().at(k, e) * found.rows().at(k, e);
            }
            double y = found.values()[k] / found.noise();
            double root = y * y - D - M;
            assertEquals(Math.sqrt(root * root - 4.0 * D * M) / y, Math.sqrt(square), 1e-4 * spike);
        }
    }

    @Test
    void noiseAloneHasNoRank() {
        assertEquals(0, SignalSubspace.of(noisy(0, 0, 1)).rank(), 1);
    }

    @Test
    void withoutNoiseEverythingIsSignal() {
        SignalSubspace found = SignalSubspace.of(noisy(7, 1, 0));
        assertTrue(found.rank() >= 7, () -> "rank " + found.rank());
        assertTrue(found.edge() < 1e-4, () -> "edge " + found.edge());
    }

    /** By eigenvalues of G Gᵀ as by a whole decomposition: squares lose half the digits, noise hides far fewer. */
    @Test
    void squaresAreEnoughUnderNoise() {
        Tensor gradient = noisy(4, 90, 0.3);
        double[] columnMajor = new double[D * M];
        for (int e = 0; e < D; e++) {
            for (int j = 0; j < M; j++) {
                columnMajor[j * D + e] = gradient.data()[e * M + j];
            }
        }
        SignalSubspace whole = SignalSubspace.of(DenseAlgebra.singular(columnMajor, D, M), D, M);
        SignalSubspace found = SignalSubspace.of(gradient);
        assertEquals(whole.rank(), found.rank());
        for (int k = 0; k < D; k++) {
            assertEquals(whole.values()[k], found.values()[k], 1e-6 * whole.values()[0]);
        }
        for (int k = 0; k < found.rank(); k++) {
            double product = 0;
            double square = 0;
            for (int e = 0; e < D; e++) {
                product += (double) whole.rows().at(k, e) * found.rows().at(k, e);
                square += Math.pow(whole.rows().at(k, e), 2);
            }
            assertEquals(1, Math.abs(product) / square, 1e-5);
        }
    }

    /** 2,000 random directions stay below the bound for 2,000 tried, and the bound is of their size. */
    @Test
    void chanceIsBounded() {
        Random random = new Random(5);
        Matrix rows = Matrix.zeros(3, D);
        for (int i = 0; i < rows.data().length; i++) {
            rows.data()[i] = (float) (100 * random.nextGaussian());
        }
        double largest = 0;
        for (int n = 0; n < 2_000; n++) {
            double[] x = new double[D];
            double square = 0;
            for (int e = 0; e < D; e++) {
                x[e] = random.nextGaussian();
                square += x[e] * x[e];
            }
            double gain = 0;
            for (int k = 0; k < 3; k++) {
                double product = 0;
                for (int e = 0; e < D; e++) {
                    product += rows.at(k, e) * x[e];
                }
                gain += product * product / square;
            }
            largest = Math.max(largest, gain);
        }
        double bound = GainThreshold.of(rows, M, 2_000);
        assertTrue(largest < bound, largest + " above " + bound);
        assertTrue(bound < 4 * largest, bound + " far above " + largest);
    }

    /** A matrix of rank 3 with 60 % of its entries missing: the gaps come back. */
    @Test
    void gapsAreCompleted() {
        Tensor whole = noisy(3, 50, 1e-6);
        Random random = new Random(2);
        float[] sent = whole.data().clone();
        for (int i = 0; i < sent.length; i++) {
            if (random.nextDouble() < 0.4) {
                sent[i] = 0;
            }
        }
        Tensor masked = new Tensor(whole.shape(), sent);
        assertTrue(LowRankCompletion.isSparse(masked));
        double before = 0;
        double after = 0;
        float[] filled = LowRankCompletion.complete(masked).data();
        for (int i = 0; i < sent.length; i++) {
            before += Math.pow((double) sent[i] - whole.data()[i], 2);
            after += Math.pow((double) filled[i] - whole.data()[i], 2);
            if (sent[i] != 0) {
                assertEquals(sent[i], filled[i]);
            }
        }
        assertTrue(after < 0.1 * before, after + " of " + before);
    }
}
