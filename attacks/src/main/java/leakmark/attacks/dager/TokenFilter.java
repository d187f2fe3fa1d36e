package leakmark.attacks.dager;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.kernels.DeviceMatrix;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.Matrix;
import leakmark.kernels.RowSpace;
import leakmark.kernels.SpanProjection;
import leakmark.kernels.VocabularySweep.Hits;
import leakmark.kernels.dense.DenseAlgebra;

/** Which tokens may stand at which positions: one sweep of the embedding table, then the exact distance of the hits. */
public final class TokenFilter {
    /** Columns of the complement sketch where members lie this far below the nearest others: half the sweep's work. */
    private static final double CLEAR = 20;

    private static final int FEW_COLUMNS = 4;
    /** Columns otherwise: others come no nearer than 0.15 of their typical distance in 3e6 pairs. */
    public static final int SKETCH_COLUMNS = 8;

    /** Positions of the first sweep; doubled while the batch seems to go on. */
    private static final int FIRST_POSITIONS = 64;

    private static final int SAMPLE = 512;
    private static final long SEED = 0x9E3779B97F4A7C15L;

    /**
     * The outcome.
     *
     * @param tokens distinct candidate tokens, ascending
     * @param rows per position the candidates, as indices into {@code tokens}
     */
    public record Candidates(int[] tokens, List<int[]> rows) {
        /** Positions in use. */
        public int positions() {
            return rows.size();
        }

        /** Candidates over all positions. */
        long count() {
            return rows.stream().mapToLong(r -> r.length).sum();
        }
    }

    private final NormalisedEmbeddings embeddings;
    private final int vocabularySize;
    private final int maximumPositions;
    private final KernelProvider kernels;

    public TokenFilter(NormalisedEmbeddings embeddings, ModelConfiguration configuration, KernelProvider kernels) {
        this.embeddings = embeddings;
        this.vocabularySize = configuration.vocabularySize();
        this.maximumPositions = configuration.positions();
        this.kernels = kernels;
    }

    /** Candidates of a row space that has a gap and a complement. */
    public Candidates candidates(RowSpace inputs) {
        DeviceMatrix table = embeddings.layer().tokens();
        double random = Separation.ofRandomVectors(inputs);
        int columns = Math.min(columns(inputs, random), inputs.dimension() - inputs.rank());
        Matrix sketch = embeddings.folded(kernels.spanProjection().complementSketch(inputs, columns, SEED));
        NavigableMap<Integer, NavigableSet<Integer>> hits = new TreeMap<>();
        int from = 0;
        int to = Math.min(FIRST_POSITIONS, maximumPositions);
        while (from < to) {
            Matrix places = DenseAlgebra.multiply(embeddings.positionRows(from, to), sketch);
            double typical = typicalDistance(sketch, places);
            double nearest = random * Separation.nearest((double) vocabularySize * places.rows(), columns);
            double cut = typical / random * Separation.cut(inputs, nearest);
            Hits found = kernels.vocabularySweep().sweep(table, sketch, places, (float) cut);
            int last = -1;
            for (int h = 0; h < found.count(); h++) {
                hits.computeIfAbsent(found.tokens()[h], t -> new TreeSet<>()).add(from + found.positions()[h]);
                last = Math.max(last, from + found.positions()[h]);
            }
            boolean goesOn = last == to - 1;
            from = to;
            to = goesOn ? Math.min(2 * to, maximumPositions) : from;
        }
        return verified(hits, inputs);
    }

    /** As few columns as keep members clear of the nearest of all pairs. */
    private int columns(RowSpace inputs, double random) {
        double nearest = random * Separation.nearest((double) vocabularySize * maximumPositions, FEW_COLUMNS);
        return Separation.ofMembers(inputs, random) * CLEAR < nearest ? FEW_COLUMNS : SKETCH_COLUMNS;
    }

    /** Median of {@code ‖e_v S + B_0‖} over tokens drawn at random: all but a few stand nowhere in the batch. */
    private double typicalDistance(Matrix sketch, Matrix places) {
        int[] sample =
                new SplittableRandom(SEED).ints(SAMPLE, 0, vocabularySize).toArray();
        Matrix projected = DenseAlgebra.multiply(embeddings.tokenRows(sample), sketch);
        double[] distances = new double[SAMPLE];
        for (int s = 0; s < SAMPLE; s++) {
            for (int c = 0; c < sketch.columns(); c++) {
                double sum = projected.at(s, c) + places.at(0, c);
                distances[s] += sum * sum;
            }
        }
        Arrays.sort(distances);
        return Math.sqrt(distances[SAMPLE / 2]);
    }

    /** Keeps hits whose distance from the whole row space, in float64, is a member's. */
    private Candidates verified(NavigableMap<Integer, NavigableSet<Integer>> hits, RowSpace inputs) {
        int[] tokens = hits.keySet().stream().mapToInt(token -> token).toArray();
        int positions =
                hits.values().stream().mapToInt(NavigableSet::last).max().orElse(-1) + 1;
        double[] tokenParts = widened(embeddings.tokenParts(tokens));
        double[] positionParts = widened(embeddings.positionParts(0, positions));
        SpanProjection projection = kernels.spanProjection();
        SumLengths whole = new SumLengths(tokenParts, positionParts, inputs.dimension());
        SumLengths rest = new SumLengths(
                projection.residuals(inputs, tokenParts),
                projection.residuals(inputs, positionParts),
                inputs.dimension());
        double cut = Separation.cut(inputs, Separation.ofRandomVectors(inputs));
        List<int[]> rows = new ArrayList<>();
        for (int i = 0; i < positions; i++) {
            int place = i;
            rows.add(IntStream.range(0, tokens.length)
                    .filter(t -> Objects.requireNonNull(hits.get(tokens[t])).contains(place))
                    .filter(t -> rest.of(t, place) <= cut * whole.of(t, place))
                    .toArray());
        }
        while (!rows.isEmpty() && rows.get(rows.size() - 1).length == 0) {
            rows.remove(rows.size() - 1);
        }
        return new Candidates(tokens, rows);
    }

    private static double[] widened(Matrix matrix) {
        double[] result = new double[matrix.data().length];
        for (int i = 0; i < result.length; i++) {
            result[i] = matrix.data()[i];
        }
        return result;
    }
}
