package leakmark.attacks.dlg;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Pairs of neighbouring tokens counted in a public text: {@code p(b | a) = (n(a,b) + λ·(n(b) + 1)/(N + V)) / (n(a) + λ)},
 * λ = 1. It must not be given the sentences under attack.
 */
public final class BigramPrior implements LanguagePrior {
    private static final double SMOOTHING = 1;

    private final Map<Long, Integer> pairs = new HashMap<>();
    private final int[] firsts;
    private final int[] tokens;
    private long total;

    /**
     * Counts.
     *
     * @param vocabularySize V
     * @param text sequences of ids below V
     */
    public BigramPrior(int vocabularySize, List<int[]> text) {
        firsts = new int[vocabularySize];
        tokens = new int[vocabularySize];
        for (int[] sequence : text) {
            for (int i = 0; i < sequence.length; i++) {
                tokens[sequence[i]]++;
                total++;
                if (i > 0) {
                    firsts[sequence[i - 1]]++;
                    pairs.merge(key(sequence[i - 1], sequence[i]), 1, Integer::sum);
                }
            }
        }
    }

    @Override
    public double surprise(int[] sequence) {
        double sum = 0;
        for (int i = 0; i < sequence.length; i++) {
            double alone = (tokens[sequence[i]] + 1.0) / (total + tokens.length);
            double likelihood = alone;
            if (i > 0) {
                int before = sequence[i - 1];
                int seen = pairs.getOrDefault(key(before, sequence[i]), 0);
                likelihood = (seen + SMOOTHING * alone) / (firsts[before] + SMOOTHING);
            }
            sum -= Math.log(likelihood);
        }
        return sum / sequence.length;
    }

    private static long key(int first, int second) {
        return ((long) first << Integer.SIZE) | second;
    }
}
