package leakmark.attacks.encoder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.dager.Membership;
import leakmark.attacks.dager.Separation;
import leakmark.kernels.RowSpace;
import leakmark.kernels.SpanProjection;
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

    /** Seeds tried at once: one a core. */
    private static final int WAVE = Math.max(2, Runtime.getRuntime().availableProcessors());

    private final FirstLayer layer;
    private final int[] tokens;
    private final RowSpace secondLayer;
    private final SpanProjection projection;
    private final SupportRecovery kernel;
    private final boolean peels;
    private final Supplier<Peeling> peeling;
    private final Map<List<Integer>, RecoveredSequence> found = new LinkedHashMap<>();
    private final Map<List<Integer>, RecoveredSequence> peeled = new LinkedHashMap<>();
    private int solves;
    private int rejected;
    private int rounds;

    /**
     * @param tokens the candidates: rows of {@link TokenGradients}
     * @param peels whether sequences can be peeled: the task's labels are few
     * @param peeling asked for when sequences are left
     */
    EncoderSearch(
            FirstLayer layer,
            int[] tokens,
            RowSpace secondLayer,
            SpanProjection projection,
            SupportRecovery kernel,
            boolean peels,
            Supplier<Peeling> peeling) {
        this.layer = layer;
        this.tokens = tokens;
        this.secondLayer = secondLayer;
        this.projection = projection;
        this.kernel = kernel;
        this.peels = peels;
        this.peeling = peeling;
    }

    void run(TokenGradients gradients) {
        int before = -1;
        while (peeled.size() > before) {
            before = peeled.size();
            int[] left = IntStream.range(0, tokens.length)
                    .filter(t -> gradients.left(t) > Peeling.EXPLAINED)
                    .toArray();
            rounds++;
            grow(gradients, left);
            if (!peels || complete() || found.size() == peeled.size()) {
                return;
            }
            peel(gradients);
        }
    }

    private void grow(TokenGradients gradients, int[] left) {
        BagSolver solver = new BagSolver(gradients, left, kernel);
        boolean[] covered = new boolean[tokens.length];
        // Light gradients first: what several sequences share is heavier.
        int[] seeds = Arrays.stream(left)
                .boxed()
                .sorted(Comparator.comparingDouble(gradients::length))
                .mapToInt(t -> t)
                .toArray();
        int next = 0;
        while (next < seeds.length && !complete()) {
            int[] wave = new int[WAVE];
            int size = 0;
            while (size < WAVE && next < seeds.length) {
                if (!covered[seeds[next]]) {
                    wave[size++] = seeds[next];
                }
                next++;
            }
            @Nullable Proposal[] proposals = solver.propose(Arrays.copyOf(wave, size));
            solves += size;
            for (Proposal proposal : proposals) {
                if (proposal != null && verified(proposal)) {
                    for (int row : proposal.rows()) {
                        covered[row] = true;
                    }
                } else {
                    rejected++;
                }
            }
        }
    }

    /** Layer 2 shows as many different inputs as the batch has tokens; so many were found. */
    private boolean complete() {
        return secondLayer.decision().hasGap()
                && found.values().stream().mapToInt(s -> s.tokens().length).sum() >= secondLayer.rank();
    }

    private void peel(TokenGradients gradients) {
        List<List<Integer>> keys =
                found.keySet().stream().filter(key -> !peeled.containsKey(key)).toList();
        List<RecoveredSequence> sequences = new ArrayList<>();
        for (List<Integer> key : keys) {
            RecoveredSequence sequence = found.get(key);
            if (sequence != null) {
                sequences.add(sequence);
            }
        }
        boolean[] certified = peeling.get().subtract(gradients, sequences);
        for (int s = 0; s < certified.length; s++) {
            if (certified[s]) {
                peeled.put(keys.get(s), sequences.get(s));
            } else if (!secondLayer.decision().hasGap()) {
                found.remove(keys.get(s));
                rejected++;
            }
        }
    }

    /** What was found so far. */
    List<RecoveredSequence> sequences() {
        return List.copyOf(found.values());
    }

    /** Solves, proposals that were not accepted, rounds, and tokens. */
    Map<String, Double> counters() {
        return Map.of(
                "candidateTokens", (double) tokens.length,
                "solves", (double) solves,
                "rejected", (double) rejected,
                "rounds", (double) rounds);
    }

    private boolean verified(Proposal proposal) {
        int[] ids = Arrays.stream(proposal.rows()).map(r -> tokens[r]).toArray();
        List<Integer> key = Arrays.stream(ids).boxed().toList();
        if (found.containsKey(key)) {
            return true;
        }
        if (secondLayer.decision().hasGap()) {
            boolean[] members = Membership.test(
                    layer.outputs(ids), secondLayer, Separation.ofWrongTokensAtLayer2(secondLayer), projection);
            for (boolean member : members) {
                if (!member) {
                    return false;
                }
            }
        } else if (proposal.margin() < INTEGRAL) {
            return false;
        }
        found.put(key, new RecoveredSequence(ids, proposal.offset()));
        return true;
    }
}
