package leakmark.attacks.encoder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.dager.NormalisedEmbeddings;
import leakmark.attacks.encoder.PairFilter.Pairs;
import leakmark.kernels.SupportRecovery;
import org.jspecify.annotations.Nullable;

/**
 * Sequence by sequence until every token is explained: tokens as seeds, a proposal from each, verified at layer 2 where it
 * has a gap. Where sequences are left, those found are peeled off the gradient, and the rest is searched again: then
 * tokens that several sequences shared belong to one.
 */
final class EncoderSearch {
    /** Margin of an assignment that is one: whole numbers to within a quarter. */
    private static final double INTEGRAL = 0.5;

    /** Tokens and positions in this part of the equations are found by the bag; pairs cost a pass of layer 1 each. */
    private static final double BAGS = 0.85;

    /** Seeds that may fail in a row before another way is tried: the light ones come first, and one in four fails. */
    private static final int PATIENCE = 16;

    /** Seeds tried at once: one a core. */
    private static final int WAVE = Math.max(2, Runtime.getRuntime().availableProcessors());

    private final NormalisedEmbeddings embeddings;
    private final int[] tokens;
    private final SecondLayer secondLayer;
    private final SupportRecovery kernel;
    private final @Nullable Supplier<Peeling> peeling;
    private final Map<List<Integer>, RecoveredSequence> found = new LinkedHashMap<>();
    private final Map<List<Integer>, RecoveredSequence> peeled = new LinkedHashMap<>();
    private int solves;
    private int rejected;
    private int rounds;
    private boolean pairsApart = true;

    /**
     * @param tokens the candidates: rows of {@link TokenGradients}
     * @param peeling asked for when sequences are left; null if the task's labels are too many
     */
    EncoderSearch(
            NormalisedEmbeddings embeddings,
            int[] tokens,
            SecondLayer secondLayer,
            SupportRecovery kernel,
            @Nullable Supplier<Peeling> peeling) {
        this.embeddings = embeddings;
        this.tokens = tokens;
        this.secondLayer = secondLayer;
        this.kernel = kernel;
        this.peeling = peeling;
    }

    void run(TokenGradients gradients) {
        int before = -1;
        while (found.size() > before && !complete()) {
            before = found.size();
            rounds++;
            int[] left = left(gradients, Peeling.NOTHING);
            int[] atoms = left(gradients, Peeling.NOISE);
            boolean[] covered = new boolean[tokens.length];
            boolean tight = 2 * gradients.positions() > BAGS * gradients.bagEquations();
            if (tight && hasGap()) {
                growPairs(gradients, atoms, left, covered);
            }
            if (!complete()) {
                grow(
                        new BagSolver(gradients, atoms, kernel),
                        gradients,
                        left,
                        covered,
                        hasGap() ? PATIENCE : left.length);
            }
            if (!tight && !complete() && hasGap() && found.size() == before) {
                growPairs(gradients, atoms, left, covered);
            }
            if (peeling != null && !complete() && peeled.size() < found.size()) {
                peel(peeling.get(), gradients);
            }
        }
    }

    private static int[] left(TokenGradients gradients, double least) {
        return IntStream.range(0, gradients.tokens())
                .filter(t -> gradients.left(t) > least)
                .toArray();
    }

    private void growPairs(TokenGradients gradients, int[] atoms, int[] left, boolean[] covered) {
        int[] open = Arrays.stream(left).filter(t -> !covered[t]).toArray();
        if (open.length == 0) {
            return;
        }
        int[] ids = Arrays.stream(atoms).map(t -> tokens[t]).toArray();
        Pairs pairs = secondLayer.pairs(atoms, ids, gradients.positions());
        pairsApart &= pairs.apart();
        grow(
                new PairSolver(gradients, pairs, embeddings.inverseSigma(tokens, gradients.positions()), kernel),
                gradients,
                open,
                covered,
                PATIENCE);
    }

    /** Proposals from seeds that no sequence covers yet. */
    private void grow(SequenceSolver solver, TokenGradients gradients, int[] open, boolean[] covered, int patience) {
        // Light gradients first: what several sequences share is heavier. Tokens of one sequence weigh about
        // the same, so a wave takes them from afar: side by side, one solve in three finds its neighbour's.
        int[] seeds = Arrays.stream(open)
                .boxed()
                .sorted(Comparator.comparingDouble(gradients::length))
                .mapToInt(t -> t)
                .toArray();
        boolean[] tried = new boolean[seeds.length];
        int inVain = 0;
        while (inVain < patience && !complete()) {
            int[] wave = IntStream.range(0, WAVE)
                    .map(lane -> next(seeds, tried, covered, lane * seeds.length / (2 * WAVE)))
                    .filter(seed -> seed >= 0)
                    .toArray();
            if (wave.length == 0) {
                return;
            }
            @Nullable Proposal[] proposals = solver.propose(wave);
            solves += wave.length;
            boolean[] verified = verified(proposals);
            for (int p = 0; p < proposals.length; p++) {
                Proposal proposal = proposals[p];
                if (proposal != null && verified[p]) {
                    accept(proposal, covered);
                    inVain = 0;
                } else {
                    inVain++;
                    rejected++;
                }
            }
        }
    }

    /** The first that is neither tried nor covered, from an index on and then from the front; -1 if there is none. */
    private static int next(int[] seeds, boolean[] tried, boolean[] covered, int from) {
        for (int i = 0; i < seeds.length; i++) {
            int at = (from + i) % seeds.length;
            if (!tried[at] && !covered[seeds[at]]) {
                tried[at] = true;
                return seeds[at];
            }
        }
        return -1;
    }

    private boolean[] verified(@Nullable Proposal[] proposals) {
        boolean gap = hasGap();
        boolean[] verified = new boolean[proposals.length];
        IntStream.range(0, proposals.length).parallel().forEach(p -> {
            Proposal proposal = proposals[p];
            verified[p] = proposal != null
                    && (found.containsKey(key(proposal))
                            || (gap
                                    ? secondLayer.holds(ids(proposal), proposal.margin() >= INTEGRAL)
                                    : proposal.margin() >= INTEGRAL));
        });
        return verified;
    }

    private void accept(Proposal proposal, boolean[] covered) {
        found.putIfAbsent(key(proposal), new RecoveredSequence(ids(proposal), proposal.offset()));
        for (int row : proposal.rows()) {
            covered[row] = true;
        }
    }

    private int[] ids(Proposal proposal) {
        return Arrays.stream(proposal.rows()).map(r -> tokens[r]).toArray();
    }

    private List<Integer> key(Proposal proposal) {
        return Arrays.stream(ids(proposal)).boxed().toList();
    }

    /** Layer 2 shows as many different inputs as the batch has tokens; so many were found. */
    private boolean complete() {
        return foundTokens() == secondLayer.rank();
    }

    /** A gap with more members than its rank is none: beyond capacity noise can look like one. */
    private boolean hasGap() {
        return foundTokens() <= secondLayer.rank();
    }

    private int foundTokens() {
        return found.values().stream().mapToInt(s -> s.tokens().length).sum();
    }

    private void peel(Peeling peel, TokenGradients gradients) {
        List<List<Integer>> keys = new ArrayList<>();
        List<RecoveredSequence> sequences = new ArrayList<>();
        found.forEach((key, sequence) -> {
            if (!peeled.containsKey(key)) {
                keys.add(key);
                sequences.add(sequence);
            }
        });
        boolean[] certified = peel.subtract(gradients, sequences);
        for (int s = 0; s < certified.length; s++) {
            if (certified[s]) {
                peeled.put(keys.get(s), sequences.get(s));
            } else if (!hasGap()) {
                found.remove(keys.get(s));
                rejected++;
            }
        }
    }

    /** What was found so far. */
    List<RecoveredSequence> sequences() {
        return List.copyOf(found.values());
    }

    /** Candidates that no sequence found so far holds: float64 says they are in the batch. */
    List<Integer> unplaced() {
        return Reconstruction.unplaced(tokens, found.values());
    }

    /** Why sequences are left, if any are. */
    List<String> limits(TokenGradients gradients) {
        int left = left(gradients, Peeling.NOTHING).length;
        if (complete() || left == 0) {
            return List.of();
        }
        List<String> limits = new ArrayList<>();
        int equations = gradients.bagEquations();
        int positions = gradients.positions();
        if (2 * positions > equations) {
            limits.add(String.format(
                    Locale.ROOT,
                    "equations: sequences of up to %d tokens have %d unknowns (tokens and positions), as pairs %d, against"
                            + " %d equations a head; shorter sequences are certain",
                    positions,
                    2 * positions,
                    positions,
                    equations));
        }
        if (!pairsApart) {
            limits.add("separation: behind the first layer true and false pairs of token and position are equally near;"
                    + " the model's attention is too strong for the pair filter");
        }
        if (!hasGap()) {
            limits.add("capacity: layer 2 shows no gap, sequences are verified by their own tokens' gradients only");
        }
        limits.add(String.format(
                Locale.ROOT,
                "noise: tokens and positions explain layer 1 to %.0e; %d of %d tokens keep a gradient that no recovered"
                        + " sequence explains",
                gradients.residual(),
                left,
                gradients.tokens()));
        return limits;
    }

    /** Solves, proposals that were not accepted, rounds, and tokens. */
    Map<String, Double> counters() {
        return Map.of(
                "candidateTokens", (double) tokens.length,
                "solves", (double) solves,
                "rejected", (double) rejected,
                "rounds", (double) rounds,
                "certifiedByTokens", (double) peeled.size());
    }
}
