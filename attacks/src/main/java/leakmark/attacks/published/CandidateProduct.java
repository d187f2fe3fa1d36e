package leakmark.attacks.published;

import java.util.List;
import java.util.SplittableRandom;

/** Sentences with one candidate at each position: all of them in order, or a random sample of a product that is too large. */
final class CandidateProduct {
    private static final long SEED = 1;

    private final List<int[]> candidates;
    private final int end;
    private final double size;
    private final boolean sampled;
    private final long count;
    private final int[] digits;
    private final SplittableRandom random = new SplittableRandom(SEED);

    /**
     * @param candidates ids at each position but the last
     * @param end id at the last
     * @param most sentences tried at most
     */
    CandidateProduct(List<int[]> candidates, int end, long most) {
        this.candidates = candidates;
        this.end = end;
        this.size = candidates.stream().mapToDouble(c -> c.length).reduce(1, (a, b) -> a * b);
        this.sampled = size >= most;
        this.count = sampled ? most : (long) size;
        this.digits = new int[candidates.size()];
    }

    /** Sentences that {@link #next} gives. */
    long count() {
        return count;
    }

    /** Sentences there are; more than {@link #count} if they are sampled. */
    double size() {
        return size;
    }

    /** Whether not all of them are tried. */
    boolean isSampled() {
        return sampled;
    }

    /** The next sentence; the last position varies fastest. */
    int[] next() {
        int[] sentence = new int[digits.length + 1];
        for (int i = 0; i < digits.length; i++) {
            int[] choice = candidates.get(i);
            sentence[i] = choice[sampled ? random.nextInt(choice.length) : digits[i]];
        }
        sentence[digits.length] = end;
        for (int i = digits.length - 1; i >= 0 && ++digits[i] == candidates.get(i).length; i--) {
            digits[i] = 0;
        }
        return sentence;
    }
}
