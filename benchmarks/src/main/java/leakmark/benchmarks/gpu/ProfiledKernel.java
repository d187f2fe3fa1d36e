package leakmark.benchmarks.gpu;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import leakmark.benchmarks.jmh.Synthetic;
import leakmark.kernels.Cost;
import leakmark.kernels.DeviceMatrix;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.Matrix;
import leakmark.kernels.PrefixExtension;
import leakmark.kernels.PrefixExtension.Search;
import leakmark.kernels.PrefixExtension.Survivors;
import leakmark.kernels.PrefixTables;
import leakmark.kernels.RowSpace;
import leakmark.kernels.SpanProjection;
import leakmark.kernels.VocabularySweep;

/** The operations of the attack that declare their cost, on synthetic data of a model's shape. */
public enum ProfiledKernel {
    VOCABULARY_SWEEP("vocabulary-sweep", false) {
        @Override
        public Cost cost(Shape shape) {
            return VocabularySweep.cost(shape.vocabularySize(), shape.hiddenSize(), SKETCH_COLUMNS, POSITIONS);
        }

        @Override
        public Work open(KernelProvider provider, Shape shape) {
            DeviceMatrix table = provider.upload(Synthetic.matrix(shape.vocabularySize(), shape.hiddenSize(), 0.02, 1));
            Matrix sketch = Synthetic.matrix(shape.hiddenSize(), SKETCH_COLUMNS, 1 / Math.sqrt(shape.hiddenSize()), 2);
            Matrix positions = Synthetic.matrix(POSITIONS, SKETCH_COLUMNS, 0.02, 3);
            VocabularySweep sweep = provider.vocabularySweep();
            return new Work(() -> sweep.sweep(table, sketch, positions, 1e-5f), table::close);
        }
    },
    RESIDUALS("residuals", true) {
        @Override
        public Cost cost(Shape shape) {
            return SpanProjection.residualCost(shape.distinctTokens(), shape.hiddenSize(), shape.rank());
        }

        @Override
        public Work open(KernelProvider provider, Shape shape) {
            int d = shape.hiddenSize();
            SpanProjection projection = provider.spanProjection();
            DeviceMatrix gradient = provider.upload(Synthetic.gradient(d, d, shape.rank(), 1));
            RowSpace space = projection.rowSpace(gradient);
            gradient.close();
            float[] values = Synthetic.matrix(shape.distinctTokens(), d, 1, 2).data();
            double[] vectors = IntStream.range(0, values.length)
                    .mapToDouble(i -> values[i])
                    .toArray();
            return new Work(() -> projection.residuals(space, vectors), space::close);
        }
    },
    PREFIX_EXTENSION("prefix-extension", false) {
        @Override
        public Cost cost(Shape shape) {
            return PrefixExtension.cost(
                    shape.batchSize() + 1,
                    shape.sequenceLength() - 1,
                    shape.distinctTokens(),
                    shape.hiddenSize(),
                    shape.heads(),
                    SKETCH_COLUMNS);
        }

        @Override
        public Work open(KernelProvider provider, Shape shape) {
            int tokens = shape.distinctTokens();
            int length = shape.sequenceLength();
            int d = shape.hiddenSize();
            Matrix ones = Matrix.zeros(tokens, length);
            Arrays.fill(ones.data(), 1);
            Search search = provider.prefixExtension()
                    .open(new PrefixTables(
                            shape.heads(),
                            Synthetic.matrix(tokens, 3 * d, 0.5, 1),
                            Synthetic.matrix(length, 3 * d, 0.5, 2),
                            Synthetic.matrix(1, 3 * d, 0.1, 3).data(),
                            ones,
                            Synthetic.matrix(d, SKETCH_COLUMNS, 1 / Math.sqrt(d), 4)));
            int[] candidates = IntStream.range(0, tokens).toArray();
            for (int position = 0; position < length - 1; position++) {
                search.accept(grown(position, shape.batchSize(), tokens));
            }
            // With tolerance 0 nothing survives, so that each run sees the same state.
            return new Work(() -> search.extend(length - 1, candidates, 0), search::close);
        }
    };

    private static final int SKETCH_COLUMNS = 8;

    /** Positions of one sweep, as the attack starts. */
    private static final int POSITIONS = 64;

    private final String label;
    private final boolean inDouble;

    ProfiledKernel(String label, boolean inDouble) {
        this.label = label;
        this.inDouble = inDouble;
    }

    /**
     * What an operation's time depends on.
     *
     * @param vocabularySize V
     * @param hiddenSize d
     * @param heads H
     * @param batchSize B
     * @param sequenceLength L
     */
    public record Shape(int vocabularySize, int hiddenSize, int heads, int batchSize, int sequenceLength) {
        /** Natural text of B × L tokens brings about this part of them as distinct candidates (measured: 321 of 604). */
        private static final double DISTINCT = 0.53;

        /** T. */
        public int distinctTokens() {
            return Math.max(batchSize, (int) (DISTINCT * batchSize * sequenceLength));
        }

        /** r = T + P − 1, within what d allows. */
        public int rank() {
            return Math.min(hiddenSize - 1, distinctTokens() + sequenceLength - 1);
        }
    }

    /**
     * An operation that can be run again and again.
     *
     * @param run does it once and waits for its result
     * @param release gives back what it holds
     */
    public record Work(Runnable run, Runnable release) implements AutoCloseable {
        @Override
        public void close() {
            release.run();
        }
    }

    /** Spelling on the command line. */
    public String label() {
        return label;
    }

    /** True if its arithmetic is in float64. */
    public boolean inDouble() {
        return inDouble;
    }

    /** What it declares to cost. */
    public abstract Cost cost(Shape shape);

    /** Makes its inputs. */
    public abstract Work open(KernelProvider provider, Shape shape);

    /** All labels. */
    public static List<String> labels() {
        return Arrays.stream(values()).map(ProfiledKernel::label).toList();
    }

    private static Survivors grown(int position, int prefixes, int tokens) {
        int[] parents = new int[prefixes];
        int[] next = new int[prefixes];
        for (int b = 0; b < prefixes; b++) {
            parents[b] = position == 0 ? -1 : b;
            next[b] = (b + 7 * position) % tokens;
        }
        return new Survivors(position, parents, next, 0);
    }
}
