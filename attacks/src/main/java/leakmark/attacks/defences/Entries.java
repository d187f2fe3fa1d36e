package leakmark.attacks.defences;

import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import leakmark.attacks.model.Tensor;

/** What several defences do to a gradient's entries. */
final class Entries {
    private static final int HALF = 16;

    private Entries() {}

    /** Each tensor's values through a function that returns new ones. */
    static SortedMap<String, Tensor> mapped(SortedMap<String, Tensor> gradient, UnaryOperator<float[]> change) {
        SortedMap<String, Tensor> result = new TreeMap<>();
        gradient.forEach((name, tensor) -> result.put(name, new Tensor(tensor.shape(), change.apply(tensor.data()))));
        return result;
    }

    /** ‖g‖ over all parameters. */
    static double norm(SortedMap<String, Tensor> gradient) {
        double sum = 0;
        for (Tensor tensor : gradient.values()) {
            for (float value : tensor.data()) {
                sum += (double) value * value;
            }
        }
        return Math.sqrt(sum);
    }

    /** All entries. */
    static long count(SortedMap<String, Tensor> gradient) {
        return gradient.values().stream()
                .mapToLong(tensor -> tensor.data().length)
                .sum();
    }

    /**
     * Zeroes all but the {@code kept} entries of largest magnitude; of equal ones the first stay. Linear time: magnitudes
     * order as their bits do, so two histograms of 16 bits find the threshold.
     */
    static SortedMap<String, Tensor> largest(SortedMap<String, Tensor> gradient, long kept) {
        int high = bucket(gradient, -1, kept);
        long above = above(gradient, (high + 1L) << HALF);
        int low = bucket(gradient, high, kept - above);
        int threshold = (high << HALF) | low;
        long[] ties = {kept - above(gradient, threshold + 1L)};
        return mapped(gradient, values -> {
            float[] result = new float[values.length];
            for (int i = 0; i < values.length; i++) {
                int magnitude = magnitude(values[i]);
                if (magnitude > threshold || (magnitude == threshold && ties[0]-- > 0)) {
                    result[i] = values[i];
                }
            }
            return result;
        });
    }

    /** The bucket in which the k-th largest lies: of the upper 16 bits, or of the lower under a given upper half. */
    private static int bucket(SortedMap<String, Tensor> gradient, int upper, long k) {
        long[] histogram = new long[1 << HALF];
        for (Tensor tensor : gradient.values()) {
            for (float value : tensor.data()) {
                int bits = magnitude(value);
                if (upper < 0) {
                    histogram[bits >>> HALF]++;
                } else if (bits >>> HALF == upper) {
                    histogram[bits & 0xFFFF]++;
                }
            }
        }
        long seen = 0;
        for (int b = histogram.length - 1; b > 0; b--) {
            seen += histogram[b];
            if (seen >= k) {
                return b;
            }
        }
        return 0;
    }

    private static long above(SortedMap<String, Tensor> gradient, long bound) {
        long count = 0;
        for (Tensor tensor : gradient.values()) {
            for (float value : tensor.data()) {
                count += magnitude(value) >= bound ? 1 : 0;
            }
        }
        return count;
    }

    private static int magnitude(float value) {
        return Float.floatToRawIntBits(value) & 0x7FFF_FFFF;
    }
}
