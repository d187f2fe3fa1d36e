package leakmark.attacks.encoder;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import leakmark.kernels.SupportRecovery;
import leakmark.kernels.SupportRecovery.Dictionary;
import leakmark.kernels.SupportRecovery.Problem;
import leakmark.kernels.SupportRecovery.Schedule;
import leakmark.kernels.dense.SmallLeastSquares;
import org.jspecify.annotations.Nullable;

/**
 * A sequence from the gradient of one of its tokens: first the bag of its tokens and the positions it fills, by a
 * group-sparse solve over all of them; then their order.
 *
 * <p>Order: with bag and positions known, plain least squares gives the coefficients of every token's own gradient. Those
 * that the bag explains are witnesses; a token at position i has position i's coefficients in all of them (a token that
 * repeats, the sum), so {@code C_positions Z = C_tokens} has a 0/1 solution: the assignment.
 */
final class BagSolver implements SequenceSolver {
    /**
     * ε from 1 to 1e-6 in 20 steps towards p = 0.1. Measured on bert-base, 13 to 28 tokens: members' group norms are 0.05 and
     * more, others' under 3e-4; p = 1 leaves them 0.05 apart or less and takes twice the steps.
     */
    private static final Schedule SCHEDULE = new Schedule(20, 0.95, 1, 0.5, 1e-9, 1e-11);

    /** A narrower step between members and others is none. */
    private static final double NARROWEST = 8;

    /** Rest of a witness's gradient outside its bag's span: float32 leaves 1e-5, a token of another sequence 0.1. */
    private static final double WITNESS = 1e-3;

    /** Peeled gradients carry more noise: a witness may be as far out as the seed itself, up to this. */
    private static final double NOISIEST_WITNESS = 0.03;

    private static final int FEWEST = 3;

    private final TokenGradients gradients;
    private final SupportRecovery kernel;
    private final int[] tokens;
    private final Dictionary dictionary;

    /** @param tokens those the batch's unknown sequences may have */
    BagSolver(TokenGradients gradients, int[] tokens, SupportRecovery kernel) {
        this.gradients = gradients;
        this.kernel = kernel;
        this.tokens = tokens;
        this.dictionary = gradients.bagDictionary(tokens);
    }

    @Override
    public @Nullable Proposal[] propose(int[] seeds) {
        double[] ones = new double[dictionary.atoms()];
        Arrays.fill(ones, 1);
        Problem[] problems = new Problem[seeds.length];
        for (int i = 0; i < seeds.length; i++) {
            problems[i] = new Problem(1, gradients.vector(seeds[i], dictionary.equations()), ones);
        }
        double[][] norms = kernel.groupNorms(dictionary, problems, SCHEDULE);
        @Nullable Proposal[] result = new Proposal[seeds.length];
        IntStream.range(0, seeds.length).parallel().forEach(i -> result[i] = ordered(norms[i], seeds[i]));
        return result;
    }

    private @Nullable Proposal ordered(double[] norms, int seed) {
        int n = tokens.length;
        double step = Support.cut(norms, dictionary.equations(), NARROWEST);
        // The last sequence left of a batch: its tokens and positions are all that the dictionary holds, none is apart.
        boolean alone = Double.isInfinite(step) && dictionary.atoms() <= dictionary.equations();
        double cut = alone ? 0 : step;
        int[] bag = IntStream.range(0, n).filter(a -> norms[a] > cut).toArray();
        int[] places = IntStream.range(0, gradients.positions())
                .filter(i -> norms[n + i] > cut)
                .toArray();
        boolean whole = places.length >= FEWEST && places[places.length - 1] - places[0] == places.length - 1;
        if (!whole
                || bag.length > places.length
                || bag.length < FEWEST
                || bag.length + places.length + 1 > dictionary.equations()
                || Arrays.stream(bag).noneMatch(a -> tokens[a] == seed)) {
            return null;
        }
        return assigned(
                bag,
                places,
                IntStream.range(0, bag.length)
                        .filter(b -> tokens[bag[b]] == seed)
                        .findFirst()
                        .orElseThrow());
    }

    private @Nullable Proposal assigned(int[] bag, int[] places, int seed) {
        int q = dictionary.equations();
        int m = dictionary.atoms();
        int systems = dictionary.systems();
        int width = bag.length + places.length;
        double[][] vectors = new double[bag.length][];
        for (int b = 0; b < bag.length; b++) {
            vectors[b] = gradients.vector(tokens[bag[b]], q);
        }
        double[][] coefficients = new double[systems][];
        double[] rests = new double[bag.length];
        for (int e = 0; e < systems; e++) {
            // What all inputs share is an atom of the key gradients only.
            int columns = width + (2 * e >= systems ? 1 : 0);
            double[] a = new double[q * columns];
            for (int c = 0; c < columns; c++) {
                int atom = c < bag.length
                        ? bag[c]
                        : c < width ? tokens.length + places[c - bag.length] : dictionary.atoms() - 1;
                for (int i = 0; i < q; i++) {
                    a[c * q + i] = dictionary.values()[(e * q + i) * m + atom];
                }
            }
            double[] y = new double[q * bag.length];
            for (int b = 0; b < bag.length; b++) {
                System.arraycopy(vectors[b], e * q, y, b * q, q);
            }
            coefficients[e] = SmallLeastSquares.solve(a, q, columns, y, bag.length);
            for (int b = 0; b < bag.length; b++) {
                for (int i = columns; i < q; i++) {
                    rests[b] += y[b * q + i] * y[b * q + i];
                }
            }
        }
        double farthest = Math.min(NOISIEST_WITNESS, Math.max(WITNESS, 2 * Math.sqrt(rests[seed])));
        int[] witnesses = IntStream.range(0, bag.length)
                .filter(b -> Math.sqrt(rests[b]) < farthest)
                .toArray();
        int rows = witnesses.length * systems;
        if (rows < places.length) {
            return null;
        }
        double[] ofPlaces = new double[rows * places.length];
        double[] ofTokens = new double[rows * bag.length];
        int row = 0;
        for (int e = 0; e < systems; e++) {
            int columns = coefficients[e].length / bag.length;
            for (int w : witnesses) {
                for (int c = 0; c < bag.length; c++) {
                    ofTokens[c * rows + row] = coefficients[e][w * columns + c];
                }
                for (int c = 0; c < places.length; c++) {
                    ofPlaces[c * rows + row] =
                            gradients.positionScale() * coefficients[e][w * columns + bag.length + c];
                }
                row++;
            }
        }
        return read(
                SmallLeastSquares.solve(ofPlaces, rows, places.length, ofTokens, bag.length),
                Arrays.stream(bag).map(a -> tokens[a]).toArray(),
                places);
    }

    /** Each position's token is its row's largest entry. */
    private static Proposal read(double[] assignment, int[] bag, int[] places) {
        int[] rows = new int[places.length];
        double margin = 1;
        for (int i = 0; i < places.length; i++) {
            int at = i;
            Integer[] order = IntStream.range(0, bag.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble(b -> -assignment[b * places.length + at]))
                    .toArray(Integer[]::new);
            rows[i] = bag[order[0]];
            double first = assignment[order[0] * places.length + i];
            double second = order.length > 1 ? assignment[order[1] * places.length + i] : 0;
            margin = Math.min(margin, 1 - Math.abs(first - 1) - Math.abs(second));
        }
        return new Proposal(rows, places[0], margin);
    }
}
