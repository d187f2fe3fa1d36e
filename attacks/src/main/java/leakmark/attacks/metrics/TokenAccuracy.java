package leakmark.attacks.metrics;

import java.util.List;
import leakmark.attacks.optim.Assignment;

/** Tokens at their right place, for attacks that know lengths and read one token out of each position. */
public final class TokenAccuracy {
    private TokenAccuracy() {}

    /**
     * The fraction of all true tokens that stand at their position in the recovered sequence assigned to theirs, 0 to 1;
     * sequences are assigned one to one so that it is largest.
     */
    public static double of(List<int[]> truth, List<int[]> recovered) {
        double[][] equal = new double[truth.size()][recovered.size()];
        long tokens = 0;
        for (int t = 0; t < truth.size(); t++) {
            int[] expected = truth.get(t);
            tokens += expected.length;
            for (int r = 0; r < recovered.size(); r++) {
                int[] found = recovered.get(r);
                for (int i = 0; i < Math.min(expected.length, found.length); i++) {
                    equal[t][r] += expected[i] == found[i] ? 1 : 0;
                }
            }
        }
        int[] partner = Assignment.largest(equal);
        double sum = 0;
        for (int t = 0; t < truth.size(); t++) {
            sum += partner[t] < 0 ? 0 : equal[t][partner[t]];
        }
        return sum / tokens;
    }
}
