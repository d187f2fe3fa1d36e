package leakmark.kernels.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import leakmark.kernels.Cost;
import leakmark.kernels.PrefixExtension;
import leakmark.kernels.VocabularySweep;

/** Declared work of every kernel of one decoder attack, from shapes alone, and the least time it can take on a device. */
public final class KernelCosts {
    private static final int ROW_BLOCK = 32;
    private static final int SPACES = 3;

    private KernelCosts() {}

    /**
     * What an attack works on.
     *
     * @param vocabularySize V
     * @param hiddenSize d
     * @param heads H
     * @param columns k of a sketch
     * @param batchSize B: live prefixes at each position, at most
     * @param tokens T: distinct candidate tokens
     * @param positions P
     * @param inputRank rank of layer 1's inputs
     * @param prefixes distinct prefixes: rank of the other two row spaces
     */
    public record Shape(
            int vocabularySize,
            int hiddenSize,
            int heads,
            int columns,
            int batchSize,
            int tokens,
            int positions,
            int inputRank,
            int prefixes) {
        /** GPT-2 small and a batch. */
        public static Shape gpt2(int batchSize, int tokens, int positions, int inputRank, int prefixes) {
            return new Shape(50257, 768, 12, 8, batchSize, tokens, positions, inputRank, prefixes);
        }
    }

    /** Which arithmetic bounds a kernel. */
    public enum Precision {
        FLOAT32,
        FLOAT64
    }

    /**
     * A kernel's share of one attack.
     *
     * @param kernel name in its source
     * @param launches how many
     * @param oneProcessor true if a launch is a single block, so that one multiprocessor's share is its roof
     * @param cost of all launches
     */
    public record Work(String kernel, int launches, Precision precision, boolean oneProcessor, Cost cost) {}

    /**
     * What a device can do; measured, or a data sheet's.
     *
     * @param bandwidth bytes/s of a large copy
     * @param float32 FLOP/s
     * @param float64 FLOP/s
     * @param launchSeconds from one kernel's end to the next one's start in a full queue
     * @param processors multiprocessors
     */
    public record Roofs(double bandwidth, double float32, double float64, double launchSeconds, int processors) {
        /** An H200 as it was planned for: 4.3 TB/s of copy, 60 TFLOP/s, 30 TFLOP/s float64, 2.5 µs, 132. */
        public static final Roofs H200 = new Roofs(4.3e12, 60e12, 30e12, 2.5e-6, 132);
    }

    /** Least seconds: the slower of bytes and arithmetic, and the launches. */
    public static double seconds(Work work, Roofs roofs) {
        double rate = work.precision() == Precision.FLOAT64 ? roofs.float64() : roofs.float32();
        double busy =
                Math.max(work.cost().bytes() / roofs.bandwidth(), work.cost().flops() / rate);
        return busy * (work.oneProcessor() ? roofs.processors() : 1) + work.launches() * roofs.launchSeconds();
    }

    /** All kernels of one attack, in the order of their first use. */
    public static List<Work> attack(Shape shape) {
        List<Work> all = new ArrayList<>();
        rowSpaces(shape, all);
        double d = shape.hiddenSize();
        all.add(new Work(
                "vocabulary_sweep_2",
                1,
                Precision.FLOAT32,
                false,
                VocabularySweep.cost(
                        shape.vocabularySize(), shape.hiddenSize(), shape.columns(), Math.max(64, shape.positions()))));
        all.add(residual("filter", shape.tokens() + shape.positions(), shape.inputRank(), 1, 2, d));
        tables(shape, all);
        search(shape, all);
        return all;
    }

    private static void rowSpaces(Shape shape, List<Work> all) {
        double d = shape.hiddenSize();
        double folded = d * (3 * d + d + 3 * d);
        all.add(new Work(
                "gradient_fold",
                SPACES,
                Precision.FLOAT64,
                false,
                new Cost(2 * folded, 4 * folded + 8 * SPACES * d * d)));
        int blocks = blocks(shape.inputRank()) + 2 * blocks(shape.prefixes());
        double squares = squares(shape.inputRank()) + 2 * squares(shape.prefixes());
        // Twice 4 d w FLOP for each direction before, w = 32 at a time.
        all.add(new Work(
                "span_residual_1 (factorisation)",
                4 * blocks,
                Precision.FLOAT64,
                false,
                new Cost(8 * d * ROW_BLOCK * squares, 32 * d * squares)));
        all.add(new Work(
                "orthonormal_1",
                blocks,
                Precision.FLOAT64,
                true,
                new Cost(4 * d * ROW_BLOCK * ROW_BLOCK * blocks, 16 * d * ROW_BLOCK * blocks)));
        all.add(residual("sketches", shape.columns(), shape.inputRank() + shape.prefixes(), 2, 8, d));
    }

    private static int blocks(int rank) {
        return (rank + ROW_BLOCK) / ROW_BLOCK;
    }

    /** Directions already there, summed over the blocks. */
    private static double squares(int rank) {
        double blocks = blocks(rank);
        return ROW_BLOCK * blocks * (blocks - 1) / 2;
    }

    private static Work residual(String use, int vectors, int rank, int times, int launches, double d) {
        Cost once = SpanResidual.cost(vectors, (int) d, rank);
        return new Work(
                "span_residual_1 (" + use + ")",
                launches,
                Precision.FLOAT64,
                false,
                new Cost(times * once.flops(), times * once.bytes()));
    }

    private static void tables(Shape shape, List<Work> all) {
        double d = shape.hiddenSize();
        double rows = shape.tokens() + shape.positions() + 1.0;
        double pairs = (double) shape.tokens() * shape.positions();
        all.add(new Work("normalised_parts", 2, Precision.FLOAT32, false, new Cost(6 * rows * d, 8 * rows * d)));
        all.add(new Work(
                "matrix_product_1",
                1,
                Precision.FLOAT32,
                false,
                new Cost(6 * rows * d * d, 4 * (rows * d + 3 * d * d + 3 * rows * d))));
        all.add(new Work(
                "inverse_sigma", 1, Precision.FLOAT64, false, new Cost(6 * pairs * d, 4 * rows * d + 4 * pairs)));
        all.add(new Work(
                "value_sketches",
                1,
                Precision.FLOAT32,
                false,
                new Cost(2 * rows * d * shape.columns(), 4 * rows * (d + (double) shape.heads() * shape.columns()))));
    }

    private static void search(Shape shape, List<Work> all) {
        double d = shape.hiddenSize();
        int positions = shape.positions();
        double candidates = shape.tokens();
        double heads = shape.heads();
        double nodes = shape.prefixes();
        Cost test = new Cost(0, 0);
        double attended = 0;
        for (int i = 0; i < positions; i++) {
            Cost step = PrefixExtension.cost(
                    shape.batchSize() + 1, i, shape.tokens(), shape.hiddenSize(), shape.heads(), shape.columns());
            // Scores against new keys are token_scores' part.
            double scores = 2.0 * (shape.batchSize() + 1) * candidates * d;
            test = test.plus(new Cost(step.flops() - scores, step.bytes()));
            attended += (double) shape.batchSize() * (i + 1);
        }
        all.add(new Work(
                "own_terms",
                positions,
                Precision.FLOAT32,
                false,
                new Cost(16 * positions * candidates * d, 12 * positions * candidates * d)));
        all.add(new Work(
                "position_scores",
                positions,
                Precision.FLOAT64,
                false,
                new Cost(positions * nodes * d, 4 * positions * nodes * d)));
        all.add(new Work("prefix_test_1", positions, Precision.FLOAT32, false, test));
        double values = positions * (shape.batchSize() + 1) * candidates;
        all.add(new Work("prefix_select", positions, Precision.FLOAT64, false, new Cost(3 * values, 4 * values)));
        all.add(new Work(
                "prefix_gather, prefix_members", 2 * positions, Precision.FLOAT32, true, new Cost(0, 16 * nodes)));
        all.add(new Work(
                "attention_outputs",
                positions,
                Precision.FLOAT64,
                false,
                new Cost(4 * d * attended, 16 * d * attended)));
        Cost check = SpanResidual.cost(shape.batchSize(), shape.hiddenSize(), shape.prefixes());
        all.add(new Work(
                "span_residual_1 (members)",
                3 * positions,
                Precision.FLOAT64,
                false,
                new Cost(positions * check.flops(), positions * check.bytes())));
        all.add(new Work(
                "append_nodes, gather_rows",
                2 * positions,
                Precision.FLOAT64,
                false,
                new Cost(12 * nodes * d, 40 * nodes * d)));
        all.add(new Work(
                "token_scores",
                positions,
                Precision.FLOAT32,
                false,
                new Cost(2 * nodes * candidates * d, 4 * positions * candidates * d + 4 * nodes * heads * candidates)));
    }

    /** A table of least times, marked as predictions. */
    public static String predictions(Shape shape, Roofs roofs) {
        StringBuilder table = new StringBuilder(String.format(
                Locale.ROOT,
                "PREDICTED from declared work, nothing measured: B = %d, T = %d, P = %d, ranks %d and %d%n",
                shape.batchSize(),
                shape.tokens(),
                shape.positions(),
                shape.inputRank(),
                shape.prefixes()));
        double total = 0;
        for (Work work : attack(shape)) {
            double seconds = seconds(work, roofs);
            total += seconds;
            table.append(String.format(
                    Locale.ROOT,
                    "%-34s %4d launches %9.2f MFLOP %-7s %8.2f MB %8.1f µs%n",
                    work.kernel(),
                    work.launches(),
                    work.cost().flops() * 1e-6,
                    work.precision().name().toLowerCase(Locale.ROOT),
                    work.cost().bytes() * 1e-6,
                    seconds * 1e6));
        }
        return table.append(String.format(Locale.ROOT, "%-34s %63.1f µs%n", "all kernels", total * 1e6))
                .toString();
    }
}
