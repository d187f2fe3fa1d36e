package leakmark.attacks.metrics;

import java.util.HashMap;
import java.util.Map;

/**
 * ROUGE-N on token ids (Lin, 2004): with {@code m} the n-grams two sequences share, each counted as often as in the one
 * that has it less often, {@code F = 2m / (n-grams of one + n-grams of the other)}.
 */
final class Rouge {
    private Rouge() {}

    /** F-measure; 0 where neither sequence has an n-gram. */
    static double fMeasure(int[] reference, int[] candidate, int n) {
        int total = ngrams(reference, n) + ngrams(candidate, n);
        return total == 0 ? 0 : 2.0 * shared(reference, candidate, n) / total;
    }

    private static int ngrams(int[] sequence, int n) {
        return Math.max(0, sequence.length - n + 1);
    }

    private static int shared(int[] reference, int[] candidate, int n) {
        Map<Long, Integer> left = new HashMap<>();
        for (int i = 0; i < ngrams(reference, n); i++) {
            left.merge(key(reference, i, n), 1, Integer::sum);
        }
        int matched = 0;
        for (int i = 0; i < ngrams(candidate, n); i++) {
            long key = key(candidate, i, n);
            int count = left.getOrDefault(key, 0);
            if (count > 0) {
                left.put(key, count - 1);
                matched++;
            }
        }
        return matched;
    }

    /** One or two ids in one number. */
    private static long key(int[] sequence, int start, int n) {
        long key = sequence[start];
        return n == 1 ? key : key << Integer.SIZE | sequence[start + 1] & 0xFFFF_FFFFL;
    }
}
