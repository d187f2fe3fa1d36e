package leakmark.attacks.dager;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.dager.PrefixScores.Direction;
import leakmark.kernels.FirstLayer;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.Matrix;
import leakmark.kernels.PrefixExtension.Search;
import leakmark.kernels.PrefixExtension.Survivors;

/**
 * Sequences out of a bag of tokens under noise: a beam of prefixes, scored by what their inputs of layer 1 and their
 * attention outputs explain of the two gradients. The log-likelihood ratios of both tests add up; each token costs what the
 * best of chance would explain. The best sequence is taken out of both signals, and the search goes on until chance is better.
 */
final class SequencePursuit {
    private static final int BEAM = 32;
    /** Positions to go on after the best prefix. */
    private static final int PATIENCE = 6;
    /** What a sequence explains at least, of what the strongest does: less is what its errors left. */
    private static final double LEAST = 0.01;

    private static final long SEED = 0x94D049BB133111EBL;
    /** Every pair survives the kernel's own test; the beam decides. */
    private static final double EVERY = 1e18;

    private final FirstLayer layer;
    private final Whitened seenInputs;
    private final Whitened seenOutputs;
    private final KernelProvider kernels;

    /**
     * Over a model's first layer.
     *
     * @param seenInputs how the gradient of query, key and value sees inputs
     * @param seenOutputs how the gradient of the output projection sees attention outputs
     */
    SequencePursuit(FirstLayer layer, Whitened seenInputs, Whitened seenOutputs, KernelProvider kernels) {
        this.layer = layer;
        this.seenInputs = seenInputs;
        this.seenOutputs = seenOutputs;
        this.kernels = kernels;
    }

    /**
     * A prefix with the directions that it and earlier sequences have explained.
     *
     * @param tokens rows of the bag
     * @param inputs directions among inputs of layer 1
     * @param outputs directions among attention outputs
     * @param score what it explains, less what chance would
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Prefix(int[] tokens, List<Direction> inputs, List<Direction> outputs, double score) {}

    /**
     * Sequences, strongest first.
     *
     * @param bag candidate tokens
     * @param positions longest sequence
     * @param most no more sequences than these
     */
    List<RecoveredSequence> sequences(
            SignalSubspace inputs, SignalSubspace attention, int[] bag, int positions, int most) {
        Matrix inputRest = copy(inputs.rows());
        Matrix attentionRest = copy(attention.rows());
        List<float[]> inputUnits = new ArrayList<>();
        List<float[]> outputUnits = new ArrayList<>();
        unit(seenInputs.seen(layer.shift())).ifPresent(shift -> {
            inputUnits.add(shift);
            remove(inputRest, shift);
        });
        List<RecoveredSequence> found = new ArrayList<>();
        double first = 0;
        boolean[] placed = new boolean[bag.length];
        while (found.size() < most) {
            PrefixScores scores =
                    new PrefixScores(layer, seenInputs, seenOutputs, inputRest, attentionRest, bag, positions);
            Prefix root = new Prefix(
                    new int[0],
                    inputUnits.stream().map(scores::input).toList(),
                    outputUnits.stream().map(scores::output).toList(),
                    0);
            int d = layer.hiddenSize();
            double price = chance(inputRest, 3 * d, bag.length) + chance(attentionRest, d, bag.length);
            Prefix best = beam(scores, price, root, bag, positions);
            boolean brings = Arrays.stream(best.tokens).anyMatch(t -> !placed[t]);
            if (!brings || best.score < LEAST * first) {
                break;
            }
            for (int t : best.tokens) {
                placed[t] = true;
            }
            first = Math.max(first, best.score);
            found.add(new RecoveredSequence(
                    Arrays.stream(best.tokens).map(t -> bag[t]).toArray(), 0));
            for (Direction q : best.inputs.subList(inputUnits.size(), best.inputs.size())) {
                inputUnits.add(q.unit());
                remove(inputRest, q.unit());
            }
            for (Direction q : best.outputs.subList(outputUnits.size(), best.outputs.size())) {
                outputUnits.add(q.unit());
                remove(attentionRest, q.unit());
            }
        }
        return found;
    }

    /** The prefix of any length with the largest score; the root if none is better than nothing. */
    private Prefix beam(PrefixScores scores, double price, Prefix root, int[] bag, int positions) {
        int[] all = IntStream.range(0, bag.length).toArray();
        Prefix best = root;
        List<Prefix> live = List.of();
        try (Search search = kernels.prefixExtension().open(layer, bag, positions, sketch())) {
            for (int position = 0; position < positions; position++) {
                Survivors survivors = search.extend(position, all, EVERY);
                boolean[] wanted = new boolean[survivors.count()];
                for (int s = 0; s < wanted.length; s++) {
                    wanted[s] = survivors.prefixes()[s] >= 0 || position == 0;
                }
                survivors = survivors.keep(wanted);
                boolean[] stays = new boolean[survivors.count()];
                live = extended(scores, price, root, live, survivors, search.attentionOutputs(survivors), stays);
                search.accept(survivors.keep(stays));
                for (Prefix prefix : live) {
                    if (prefix.score > best.score) {
                        best = prefix;
                    }
                }
                if (position + 1 - best.tokens.length > PATIENCE) {
                    break;
                }
            }
        }
        return best;
    }

    /**
     * The beam's best extensions, in the survivors' order.
     *
     * @param stays set where a survivor is one of them
     */
    private static List<Prefix> extended(
            PrefixScores scores,
            double price,
            Prefix root,
            List<Prefix> live,
            Survivors survivors,
            double[] outputs,
            boolean[] stays) {
        List<Prefix> parents = new ArrayList<>(List.of(root));
        parents.addAll(live);
        double[] totals = scores.gains(
                survivors,
                outputs,
                parents.stream().map(Prefix::inputs).toList(),
                parents.stream().map(Prefix::outputs).toList());
        for (int s = 0; s < totals.length; s++) {
            totals[s] += parents.get(survivors.prefixes()[s] + 1).score - price;
        }
        return IntStream.range(0, totals.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer s) -> -totals[s]))
                .limit(BEAM)
                .sorted()
                .map(s -> {
                    stays[s] = true;
                    Prefix from = parents.get(survivors.prefixes()[s] + 1);
                    int token = survivors.tokens()[s];
                    int[] tokens = Arrays.copyOf(from.tokens, from.tokens.length + 1);
                    tokens[from.tokens.length] = token;
                    return new Prefix(
                            tokens,
                            with(from.inputs, scores.input(token, survivors.position(), from.inputs)),
                            with(from.outputs, scores.output(outputs, s, from.outputs)),
                            totals[s]);
                })
                .toList();
    }

    private static List<Direction> with(List<Direction> directions, Direction one) {
        List<Direction> all = new ArrayList<>(directions);
        all.add(one);
        return all;
    }

    private static double chance(Matrix rest, int columns, int tried) {
        return rest.rows() == 0 ? 0 : GainThreshold.of(rest, columns, tried);
    }

    /** The kernel wants a sketch; the beam does not use it. */
    private Matrix sketch() {
        int d = layer.hiddenSize();
        Matrix sketch = Matrix.zeros(d, TokenFilter.SKETCH_COLUMNS);
        java.util.SplittableRandom random = new java.util.SplittableRandom(SEED);
        for (int i = 0; i < sketch.data().length; i++) {
            sketch.data()[i] = (float) (random.nextGaussian() / Math.sqrt(d));
        }
        return sketch;
    }

    private static Optional<float[]> unit(float[] x) {
        double length = Math.sqrt(PrefixScores.product(x, 0, x));
        float[] unit = x.clone();
        for (int e = 0; e < unit.length; e++) {
            unit[e] /= (float) length;
        }
        return length > 0 ? Optional.of(unit) : Optional.empty();
    }

    private static void remove(Matrix rows, float[] unit) {
        int d = unit.length;
        for (int k = 0; k < rows.rows(); k++) {
            float product = PrefixScores.product(rows.data(), k * d, unit);
            for (int e = 0; e < d; e++) {
                rows.data()[k * d + e] -= product * unit[e];
            }
        }
    }

    private static Matrix copy(Matrix matrix) {
        return new Matrix(matrix.rows(), matrix.columns(), matrix.data().clone());
    }
}
