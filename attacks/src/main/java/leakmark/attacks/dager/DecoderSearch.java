package leakmark.attacks.dager;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.dager.TokenFilter.Candidates;
import leakmark.kernels.FirstLayer;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.Matrix;
import leakmark.kernels.PrefixExtension.Members;
import leakmark.kernels.PrefixExtension.Search;
import leakmark.kernels.PrefixExtension.Survivors;
import leakmark.kernels.RowSpace;

/**
 * Grows all sequences of the batch at once, position by position: every live prefix is extended by every candidate, and
 * kept if the attention output of its last token lies in the span that the gradient of the output projection shows. A
 * prefix that nothing extends is a sequence. The empty prefix stays alive, so that sequences padded on the left start
 * where they start.
 */
final class DecoderSearch {
    private static final long SEED = 0xD1B54A32D192ED03L;

    /**
     * What was found.
     *
     * @param sequences sequences that nothing extends
     * @param lastOutputs attention output of each one's last token, d values
     * @param pairs pairs of prefix and candidate that were tried
     */
    record Found(List<RecoveredSequence> sequences, List<double[]> lastOutputs, long pairs) {}

    private final FirstLayer layer;
    private final KernelProvider kernels;

    DecoderSearch(FirstLayer layer, KernelProvider kernels) {
        this.layer = layer;
        this.kernels = kernels;
    }

    /** A prefix as its tokens; offset is the position of the first, output the attention output of the last. */
    private record Prefix(int[] tokens, int offset, double[] output) {
        static final Prefix EMPTY = new Prefix(new int[0], 0, new double[0]);

        Prefix extended(int token, int position, double[] newOutput) {
            int[] longer = Arrays.copyOf(tokens, tokens.length + 1);
            longer[tokens.length] = token;
            return new Prefix(longer, tokens.length == 0 ? position : offset, newOutput);
        }
    }

    Found sequences(Candidates candidates, RowSpace attention) {
        int columns = Math.min(TokenFilter.SKETCH_COLUMNS, attention.dimension() - attention.rank());
        Matrix sketch = kernels.spanProjection().complementSketch(attention, columns, SEED);
        List<Prefix> ended = new ArrayList<>();
        List<Prefix> live = List.of();
        long pairs = 0;
        // A member's distance seen through k of d coordinates.
        double sketchedMembers = Separation.ofMembers(attention, Separation.ofWrongTokens(attention))
                * Math.sqrt((double) columns / attention.dimension());
        double cut = Separation.cut(attention, Separation.ofWrongTokens(attention));
        try (Search search =
                kernels.prefixExtension().open(layer, candidates.tokens(), candidates.positions(), sketch)) {
            for (int position = 0; position < candidates.positions(); position++) {
                int[] rows = candidates.rows().get(position);
                double tried = (live.size() + 1.0) * rows.length;
                double tolerance = sketchedMembers * Separation.nearest(tried, columns);
                Members members = search.advance(position, rows, tolerance, attention, cut, kernels.spanProjection());
                pairs += members.survivors().pairs();
                live = extended(live, members, candidates.tokens(), ended);
            }
        }
        ended.addAll(live);
        return new Found(
                ended.stream()
                        .map(p -> new RecoveredSequence(p.tokens, p.offset))
                        .toList(),
                ended.stream().map(Prefix::output).toList(),
                pairs);
    }

    /** The next live prefixes; those that nothing extends are added to {@code ended}. */
    private static List<Prefix> extended(List<Prefix> live, Members members, int[] tokens, List<Prefix> ended) {
        Survivors survivors = members.survivors();
        int d = survivors.count() == 0 ? 0 : members.outputs().length / survivors.count();
        boolean[] goesOn = new boolean[live.size()];
        List<Prefix> next = new ArrayList<>();
        for (int s = 0; s < survivors.count(); s++) {
            int prefix = survivors.prefixes()[s];
            if (prefix >= 0) {
                goesOn[prefix] = true;
            }
            next.add((prefix < 0 ? Prefix.EMPTY : live.get(prefix))
                    .extended(
                            tokens[survivors.tokens()[s]],
                            survivors.position(),
                            Arrays.copyOfRange(members.outputs(), s * d, (s + 1) * d)));
        }
        for (int p = 0; p < live.size(); p++) {
            if (!goesOn[p]) {
                ended.add(live.get(p));
            }
        }
        return next;
    }
}
