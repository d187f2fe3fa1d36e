package leakmark.attacks.dager;

import static leakmark.attacks.model.ParameterNames.queryKeyValueBias;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.dager.TokenFilter.Candidates;
import leakmark.attacks.model.PublicModel;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.Matrix;
import leakmark.kernels.PrefixExtension.Search;
import leakmark.kernels.PrefixExtension.Survivors;
import leakmark.kernels.PrefixTables;
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

    private final PublicModel model;
    private final FirstBlock block;
    private final NormalisedEmbeddings embeddings;
    private final KernelProvider kernels;

    DecoderSearch(FirstBlock block, NormalisedEmbeddings embeddings, KernelProvider kernels) {
        this.model = block.model();
        this.block = block;
        this.embeddings = embeddings;
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
        PrefixTables tables = tables(candidates, kernels.spanProjection().complementSketch(attention, columns, SEED));
        List<Prefix> ended = new ArrayList<>();
        List<Prefix> live = List.of();
        long pairs = 0;
        // A member's distance seen through k of d coordinates.
        double sketchedMembers = Separation.ofMembers(attention, Separation.ofWrongTokens(attention))
                * Math.sqrt((double) columns / attention.dimension());
        try (Search search = kernels.prefixExtension().open(tables)) {
            for (int position = 0; position < candidates.positions(); position++) {
                int[] rows = candidates.rows().get(position);
                double tried = (live.size() + 1.0) * rows.length;
                Survivors survivors =
                        search.extend(position, rows, sketchedMembers * Separation.nearest(tried, columns));
                pairs += survivors.pairs();
                double[] outputs = search.attentionOutputs(survivors);
                boolean[] members = Membership.test(
                        outputs, attention, Separation.ofWrongTokens(attention), kernels.spanProjection());
                search.accept(survivors.keep(members));
                live = extended(live, survivors, members, outputs, candidates.tokens(), ended);
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
    private static List<Prefix> extended(
            List<Prefix> live,
            Survivors survivors,
            boolean[] members,
            double[] outputs,
            int[] tokens,
            List<Prefix> ended) {
        int d = survivors.count() == 0 ? 0 : outputs.length / survivors.count();
        boolean[] goesOn = new boolean[live.size()];
        List<Prefix> next = new ArrayList<>();
        for (int s = 0; s < survivors.count(); s++) {
            if (members[s]) {
                int prefix = survivors.prefixes()[s];
                if (prefix >= 0) {
                    goesOn[prefix] = true;
                }
                next.add((prefix < 0 ? Prefix.EMPTY : live.get(prefix))
                        .extended(
                                tokens[survivors.tokens()[s]],
                                survivors.position(),
                                Arrays.copyOfRange(outputs, s * d, (s + 1) * d)));
            }
        }
        for (int p = 0; p < live.size(); p++) {
            if (!goesOn[p]) {
                ended.add(live.get(p));
            }
        }
        return next;
    }

    /** Query, key and value of each candidate token and position, taken apart as their inputs are. */
    private PrefixTables tables(Candidates candidates, Matrix sketch) {
        int[] tokens = candidates.tokens();
        int positions = candidates.positions();
        Matrix projected = block.queryKeyValues(stacked(
                embeddings.tokenParts(tokens),
                embeddings.positionParts(0, positions),
                new Matrix(1, embeddings.shift().length, embeddings.shift())));
        int width = projected.columns();
        float[] constant = Arrays.copyOfRange(
                projected.data(), (tokens.length + positions) * width, (tokens.length + positions + 1) * width);
        float[] bias = model.weight(queryKeyValueBias(0)).data();
        for (int e = 0; e < constant.length; e++) {
            constant[e] += bias[e];
        }
        return new PrefixTables(
                model.configuration().heads(),
                rows(projected, 0, tokens.length),
                rows(projected, tokens.length, positions),
                constant,
                embeddings.inverseSigma(tokens, positions),
                sketch);
    }

    private static Matrix stacked(Matrix... parts) {
        int rows = Arrays.stream(parts).mapToInt(Matrix::rows).sum();
        Matrix result = Matrix.zeros(rows, parts[0].columns());
        int at = 0;
        for (Matrix part : parts) {
            System.arraycopy(part.data(), 0, result.data(), at, part.data().length);
            at += part.data().length;
        }
        return result;
    }

    private static Matrix rows(Matrix matrix, int from, int count) {
        int width = matrix.columns();
        return new Matrix(count, width, Arrays.copyOfRange(matrix.data(), from * width, (from + count) * width));
    }
}
