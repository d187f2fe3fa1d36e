package leakmark.attacks.dager;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import leakmark.attacks.Reconstruction.RecoveredSequence;
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
    private final KernelProvider kernels;

    SequencePursuit(FirstLayer layer, KernelProvider kernels) {
        this.layer = layer;
        this.kernels = kernels;
    }

    /** A prefix with the directions that it and earlier sequences have explained. */
    private record Prefix(int[] tokens, List<float[]> inputs, List<float[]> outputs, double score) {}

    /** A survivor that stays, as a prefix. */
    private record Scored(int survivor, Prefix prefix) {}

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
        float[] shift = rest(new Matrix(1, layer.hiddenSize(), layer.shift()), 0, List.of());
        remove(inputRest, shift);
        Prefix root = new Prefix(new int[0], List.of(shift), List.of(), 0);
        List<RecoveredSequence> found = new ArrayList<>();
        double first = 0;
        while (found.size() < most) {
            Prefix best = beam(inputRest, attentionRest, root, bag, positions);
            if (best.tokens.length == 0 || best.score < LEAST * first) {
                break;
            }
            first = Math.max(first, best.score);
            found.add(new RecoveredSequence(
                    Arrays.stream(best.tokens).map(t -> bag[t]).toArray(), 0));
            best.inputs.forEach(q -> remove(inputRest, q));
            best.outputs.forEach(q -> remove(attentionRest, q));
            root = new Prefix(new int[0], best.inputs, best.outputs, 0);
        }
        return found;
    }

    /** The prefix of any length with the largest score; the root if none is better than nothing. */
    private Prefix beam(Matrix inputRest, Matrix attentionRest, Prefix root, int[] bag, int positions) {
        Scorer scorer = new Scorer(inputRest, attentionRest, root, bag, positions);
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
                List<Prefix> next = new ArrayList<>();
                boolean[] stays = new boolean[survivors.count()];
                for (Scored scored : scorer.best(survivors, search.attentionOutputs(survivors), live)) {
                    stays[scored.survivor] = true;
                    next.add(scored.prefix);
                }
                search.accept(survivors.keep(stays));
                live = next;
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

    /** Scores extensions: what is left of input and output after the prefix's own directions, against the two signals. */
    private final class Scorer {
        private final int d = layer.hiddenSize();
        private final Matrix inputRest;
        private final Matrix attentionRest;
        private final Prefix root;
        private final Matrix tokenParts;
        private final Matrix positionParts;
        private final double price;

        Scorer(Matrix inputRest, Matrix attentionRest, Prefix root, int[] bag, int positions) {
            this.inputRest = inputRest;
            this.attentionRest = attentionRest;
            this.root = root;
            this.tokenParts = layer.tokenParts(bag);
            this.positionParts = layer.positionParts(0, positions);
            this.price = chance(inputRest, 3 * d, bag.length) + chance(attentionRest, d, bag.length);
        }

        /** The beam's best extensions, in the survivors' order. */
        List<Scored> best(Survivors survivors, double[] outputs, List<Prefix> live) {
            int n = survivors.count();
            Matrix vectors = Matrix.zeros(2 * n, d);
            for (int s = 0; s < n; s++) {
                int token = survivors.tokens()[s];
                for (int e = 0; e < d; e++) {
                    vectors.data()[s * d + e] = tokenParts.at(token, e) + positionParts.at(survivors.position(), e);
                    vectors.data()[(n + s) * d + e] = (float) outputs[s * d + e];
                }
            }
            double[] scores = IntStream.range(0, n)
                    .parallel()
                    .mapToDouble(s -> {
                        Prefix from = parent(survivors, s, live);
                        return from.score
                                + gain(inputRest, vectors, s, from.inputs)
                                + gain(attentionRest, vectors, n + s, from.outputs)
                                - price;
                    })
                    .toArray();
            return IntStream.range(0, n)
                    .boxed()
                    .sorted(Comparator.comparingDouble((Integer s) -> -scores[s]))
                    .limit(BEAM)
                    .sorted()
                    .map(s -> new Scored(s, extended(survivors, s, live, vectors, scores[s])))
                    .toList();
        }

        private Prefix parent(Survivors survivors, int s, List<Prefix> live) {
            int prefix = survivors.prefixes()[s];
            return prefix < 0 ? root : live.get(prefix);
        }

        private Prefix extended(Survivors survivors, int s, List<Prefix> live, Matrix vectors, double score) {
            Prefix from = parent(survivors, s, live);
            int[] tokens = Arrays.copyOf(from.tokens, from.tokens.length + 1);
            tokens[from.tokens.length] = survivors.tokens()[s];
            List<float[]> inputs = new ArrayList<>(from.inputs);
            inputs.add(rest(vectors, s, from.inputs));
            List<float[]> outputs = new ArrayList<>(from.outputs);
            outputs.add(rest(vectors, survivors.count() + s, from.outputs));
            return new Prefix(tokens, inputs, outputs, score);
        }
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

    /** {@code ‖R x⊥‖²/‖x⊥‖²} of a row x. */
    private static double gain(Matrix rows, Matrix vectors, int row, List<float[]> basis) {
        float[] unit = rest(vectors, row, basis);
        double sum = 0;
        for (int k = 0; k < rows.rows(); k++) {
            double product = product(rows.data(), k * unit.length, unit);
            sum += product * product;
        }
        return sum;
    }

    /** The unit vector along what a basis leaves of a row. */
    private static float[] rest(Matrix vectors, int row, List<float[]> basis) {
        int d = vectors.columns();
        float[] x = Arrays.copyOfRange(vectors.data(), row * d, (row + 1) * d);
        for (float[] q : basis) {
            float product = product(q, 0, x);
            for (int e = 0; e < d; e++) {
                x[e] -= product * q[e];
            }
        }
        float square = product(x, 0, x);
        float inverse = square > 0 ? (float) (1 / Math.sqrt(square)) : 0;
        for (int e = 0; e < d; e++) {
            x[e] *= inverse;
        }
        return x;
    }

    /** Four sums side by side: one would wait for itself. */
    private static float product(float[] rows, int at, float[] x) {
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        for (int e = 0; e + 3 < x.length; e += 4) {
            a += rows[at + e] * x[e];
            b += rows[at + e + 1] * x[e + 1];
            c += rows[at + e + 2] * x[e + 2];
            d += rows[at + e + 3] * x[e + 3];
        }
        for (int e = x.length & -4; e < x.length; e++) {
            a += rows[at + e] * x[e];
        }
        return a + b + (c + d);
    }

    private static void remove(Matrix rows, float[] unit) {
        int d = unit.length;
        for (int k = 0; k < rows.rows(); k++) {
            float product = product(rows.data(), k * d, unit);
            for (int e = 0; e < d; e++) {
                rows.data()[k * d + e] -= product * unit[e];
            }
        }
    }

    private static Matrix copy(Matrix matrix) {
        return new Matrix(matrix.rows(), matrix.columns(), matrix.data().clone());
    }
}
