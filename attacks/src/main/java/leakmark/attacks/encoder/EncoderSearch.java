package leakmark.attacks.encoder;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.dager.Membership;
import leakmark.attacks.dager.Separation;
import leakmark.kernels.RowSpace;
import leakmark.kernels.SpanProjection;
import org.jspecify.annotations.Nullable;

/** Seeds, proposals, verification: sequence by sequence until every token is explained. */
final class EncoderSearch {
    /** Margin of an assignment that is one: whole numbers to within a quarter. */
    private static final double INTEGRAL = 0.5;

    /** Seeds tried at once: one a core. */
    private static final int WAVE = Math.max(2, Runtime.getRuntime().availableProcessors());

    private final FirstLayer layer;
    private final int[] tokens;
    private final RowSpace secondLayer;
    private final SpanProjection projection;

    private final Map<List<Integer>, RecoveredSequence> found = new LinkedHashMap<>();
    private int solves;
    private int rejected;

    EncoderSearch(FirstLayer layer, int[] tokens, RowSpace secondLayer, SpanProjection projection) {
        this.layer = layer;
        this.tokens = tokens;
        this.secondLayer = secondLayer;
        this.projection = projection;
    }

    void run(TokenGradients gradients, BagSolver solver) {
        boolean[] covered = new boolean[tokens.length];
        Deque<Integer> seeds = new ArrayDeque<>(IntStream.range(0, tokens.length)
                .boxed()
                .sorted(Comparator.comparingDouble(gradients::length))
                .toList());
        while (!seeds.isEmpty()) {
            List<Integer> wave = new ArrayList<>();
            while (wave.size() < WAVE && !seeds.isEmpty()) {
                int seed = seeds.poll();
                if (!covered[seed]) {
                    wave.add(seed);
                }
            }
            @Nullable
            Proposal[] proposals = solver.propose(wave.stream().mapToInt(s -> s).toArray());
            solves += wave.size();
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

    /** What was found so far. */
    Collection<RecoveredSequence> sequences() {
        return found.values();
    }

    /** Solves, proposals that were not accepted, and tokens. */
    Map<String, Double> counters() {
        return Map.of(
                "candidateTokens", (double) tokens.length, "solves", (double) solves, "rejected", (double) rejected);
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
