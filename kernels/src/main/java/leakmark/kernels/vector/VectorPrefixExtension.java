package leakmark.kernels.vector;

import static leakmark.kernels.vector.Species.FLOAT;
import static leakmark.kernels.vector.Species.LANES;

import java.util.Arrays;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import leakmark.kernels.PrefixExtension;
import leakmark.kernels.PrefixTables;

/**
 * The search step with tokens side by side in the lanes.
 *
 * <p>Three savings over attention as it is written, each exact:
 *
 * <ol>
 *   <li>A query is {@code (a_t + b_i)/σ_{t,i} + c}, so its score against a cached key n is {@code (a_t·n + b_i·n)/σ_{t,i} +
 *       c·n}: the products a_t·n are taken once per key and not again at each later position (L/2 times fewer).
 *   <li>Only {@code N_hᵀ v} enters the test: k numbers per head and key instead of d/H (8 against 64).
 *   <li>Sequences that share a prefix share its keys.
 * </ol>
 *
 * A pair then costs H·(length + 1) exponentials and multiply-adds with k sketch columns, nothing else.
 */
final class VectorPrefixExtension implements PrefixExtension {
    /** Tokens of one piece of work: small enough for the first cache, a multiple of every lane count. */
    private static final int BLOCK = 64;
    /** All tokens are computed, and those that are no candidates skipped, unless candidates are fewer than 1 in this many. */
    private static final int SPARSE = 3;

    @Override
    public Search open(PrefixTables tables) {
        return new VectorSearch(tables);
    }

    private static final class VectorSearch implements Search {
        private final PrefixTables tables;
        private final KeyCache cache;
        private final AttentionOutputs outputs;
        private final int heads;
        private final int columns;
        private int[][] live = new int[0][];

        VectorSearch(PrefixTables tables) {
            this.tables = tables;
            this.cache = new KeyCache(tables);
            this.outputs = new AttentionOutputs(tables, cache);
            this.heads = tables.heads();
            this.columns = cache.columns();
        }

        @Override
        public Survivors extend(int position, int[] candidates, double tolerance) {
            boolean all = candidates.length * SPARSE >= tables.tokens();
            int[] lanes = all ? IntStream.range(0, tables.tokens()).toArray() : candidates;
            OwnTerms own = cache.ownTerms(position, lanes, all);
            int[] nodes =
                    Arrays.stream(live).flatMapToInt(Arrays::stream).distinct().toArray();
            cache.scorePosition(position, nodes);
            int blocks = (own.width() + BLOCK - 1) / BLOCK;
            float[][] x = new float[live.length + 1][own.width()];
            Species.parallel(x.length * blocks, piece -> {
                int path = piece / blocks;
                int from = piece % blocks * BLOCK;
                int[] prefix = path == 0 ? new int[0] : live[path - 1];
                Scratch scratch = new Scratch(prefix.length + 1, columns);
                for (int t = from; t < Math.min(own.width(), from + BLOCK); t += LANES) {
                    test(prefix, own, t, scratch, x[path]);
                }
            });
            return compacted(position, candidates, all, tolerance, x);
        }

        private Survivors compacted(int position, int[] candidates, boolean all, double tolerance, float[][] x) {
            IntStream.Builder prefixes = IntStream.builder();
            IntStream.Builder tokens = IntStream.builder();
            for (int path = 0; path < x.length; path++) {
                double squares = 0;
                for (int c = 0; c < candidates.length; c++) {
                    double value = x[path][all ? candidates[c] : c];
                    squares += value * value;
                }
                double limit = tolerance * Math.max(tolerance, Math.sqrt(squares / candidates.length));
                for (int c = 0; c < candidates.length; c++) {
                    double value = x[path][all ? candidates[c] : c];
                    if (value * value <= limit) {
                        prefixes.add(path - 1);
                        tokens.add(candidates[c]);
                    }
                }
            }
            return new Survivors(
                    position,
                    prefixes.build().toArray(),
                    tokens.build().toArray(),
                    (long) x.length * candidates.length);
        }

        /** Writes the test value of {@value Species#LANES} candidates from lane {@code t} on. */
        private void test(int[] prefix, OwnTerms own, int t, Scratch scratch, float[] x) {
            Arrays.fill(scratch.totals, 0);
            Arrays.fill(scratch.squaredNorms, 0);
            for (int h = 0; h < heads; h++) {
                scores(prefix, own, t, h, scratch.weights);
                Exponential.softmax(scratch.weights, prefix.length + 1, scratch.inverse);
                addNorm(prefix, own, t, h, scratch);
                for (int c = 0; c < columns; c += 4) {
                    mix(prefix, own, t, h, c, scratch);
                }
            }
            ratio(scratch, x, t);
        }

        /** Scores of head h, one vector a key, the candidate's own key last. */
        private void scores(int[] prefix, OwnTerms own, int t, int h, float[] scores) {
            FloatVector inverseSigma = FloatVector.fromArray(FLOAT, own.inverseSigma(), t);
            float[] tokenScores = cache.tokenScores();
            for (int j = 0; j < prefix.length; j++) {
                int at = cache.tokenScoresAt(prefix[j], h);
                FloatVector tokens = own.all()
                        ? FloatVector.fromArray(FLOAT, tokenScores, at + t)
                        : FloatVector.fromArray(FLOAT, tokenScores, at, own.candidates(), t);
                tokens.add(cache.positionScore(prefix[j], h))
                        .fma(inverseSigma, FloatVector.broadcast(FLOAT, cache.constantScore(prefix[j], h)))
                        .intoArray(scores, j * LANES);
            }
            FloatVector.fromArray(FLOAT, own.scores(), h * own.width() + t).intoArray(scores, prefix.length * LANES);
        }

        /** Adds the square of head h's weighted norms to the scale of the test. */
        private void addNorm(int[] prefix, OwnTerms own, int t, int h, Scratch scratch) {
            FloatVector norm = FloatVector.fromArray(FLOAT, scratch.weights, prefix.length * LANES)
                    .mul(FloatVector.fromArray(FLOAT, own.norms(), h * own.width() + t));
            for (int j = 0; j < prefix.length; j++) {
                norm = FloatVector.fromArray(FLOAT, scratch.weights, j * LANES)
                        .fma(FloatVector.broadcast(FLOAT, cache.norm(prefix[j], h)), norm);
            }
            norm = norm.mul(FloatVector.fromArray(FLOAT, scratch.inverse, 0));
            norm.fma(norm, FloatVector.fromArray(FLOAT, scratch.squaredNorms, 0))
                    .intoArray(scratch.squaredNorms, 0);
        }

        private void ratio(Scratch scratch, float[] x, int t) {
            FloatVector squared = FloatVector.zero(FLOAT);
            for (int c = 0; c < columns; c++) {
                FloatVector total = FloatVector.fromArray(FLOAT, scratch.totals, c * LANES);
                squared = total.fma(total, squared);
            }
            squared.div(FloatVector.fromArray(FLOAT, scratch.squaredNorms, 0))
                    .sqrt()
                    .intoArray(x, t);
        }

        /** Adds head h's mix of four sketch columns to the totals. */
        private void mix(int[] prefix, OwnTerms own, int t, int h, int c, Scratch scratch) {
            float[] sketches = cache.sketches();
            FloatVector weight = FloatVector.fromArray(FLOAT, scratch.weights, prefix.length * LANES);
            int at = (h * columns + c) * own.width() + t;
            int step = own.width();
            FloatVector m0 = weight.mul(FloatVector.fromArray(FLOAT, own.sketches(), at));
            FloatVector m1 = weight.mul(FloatVector.fromArray(FLOAT, own.sketches(), at + step));
            FloatVector m2 = weight.mul(FloatVector.fromArray(FLOAT, own.sketches(), at + 2 * step));
            FloatVector m3 = weight.mul(FloatVector.fromArray(FLOAT, own.sketches(), at + 3 * step));
            for (int j = 0; j < prefix.length; j++) {
                weight = FloatVector.fromArray(FLOAT, scratch.weights, j * LANES);
                int s = cache.sketchAt(prefix[j], h) + c;
                m0 = weight.fma(FloatVector.broadcast(FLOAT, sketches[s]), m0);
                m1 = weight.fma(FloatVector.broadcast(FLOAT, sketches[s + 1]), m1);
                m2 = weight.fma(FloatVector.broadcast(FLOAT, sketches[s + 2]), m2);
                m3 = weight.fma(FloatVector.broadcast(FLOAT, sketches[s + 3]), m3);
            }
            FloatVector inverse = FloatVector.fromArray(FLOAT, scratch.inverse, 0);
            float[] totals = scratch.totals;
            int o = c * LANES;
            m0.fma(inverse, FloatVector.fromArray(FLOAT, totals, o)).intoArray(totals, o);
            m1.fma(inverse, FloatVector.fromArray(FLOAT, totals, o + LANES)).intoArray(totals, o + LANES);
            m2.fma(inverse, FloatVector.fromArray(FLOAT, totals, o + 2 * LANES)).intoArray(totals, o + 2 * LANES);
            m3.fma(inverse, FloatVector.fromArray(FLOAT, totals, o + 3 * LANES)).intoArray(totals, o + 3 * LANES);
        }

        @Override
        public double[] attentionOutputs(Survivors survivors) {
            double[] result = new double[survivors.count() * tables.hiddenSize()];
            Species.parallel(survivors.count(), s -> {
                int prefix = survivors.prefixes()[s];
                outputs.compute(
                        prefix < 0 ? new int[0] : live[prefix],
                        survivors.tokens()[s],
                        survivors.position(),
                        result,
                        s * tables.hiddenSize());
            });
            return result;
        }

        @Override
        public void accept(Survivors survivors) {
            int first = cache.append(survivors.tokens(), survivors.position());
            int[][] next = new int[survivors.count()][];
            for (int s = 0; s < next.length; s++) {
                int prefix = survivors.prefixes()[s];
                int[] path = prefix < 0 ? new int[0] : live[prefix];
                next[s] = Arrays.copyOf(path, path.length + 1);
                next[s][path.length] = first + s;
            }
            live = next;
        }

        @Override
        public void close() {
            live = new int[0][];
        }
    }

    /**
     * Working space of one thread: weights of a head (length × lanes), totals (k × lanes), the softmax's 1/sum, the scale's
     * square. Vectors go from step to step through these arrays: returned from a method that is not inlined they would be
     * boxed, at five times the time of the whole test (measured on JDK 17).
     */
    private static final class Scratch {
        final float[] weights;
        final float[] totals;
        final float[] inverse = new float[LANES];
        final float[] squaredNorms = new float[LANES];

        Scratch(int length, int columns) {
            weights = new float[length * LANES];
            totals = new float[columns * LANES];
        }
    }
}
