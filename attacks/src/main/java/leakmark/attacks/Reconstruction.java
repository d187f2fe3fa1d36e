package leakmark.attacks;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an attack recovered.
 *
 * @param sequences recovered sequences
 * @param secondsByStage wall seconds by stage, in order of execution
 * @param capacity how much of what the equations can carry was used; null if the attack has no such limit
 * @param unplaced tokens that are in the batch and in no recovered sequence: surely, or behind noise beyond chance
 * @param limits what kept the rest from being recovered, a line each; empty if nothing is known to be left
 * @param counters numbers an attack wants known, such as candidates or pairs tried
 */
public record Reconstruction(
        List<RecoveredSequence> sequences,
        Map<String, Double> secondsByStage,
        @Nullable Capacity capacity,
        List<Integer> unplaced,
        List<String> limits,
        Map<String, Double> counters) {
    /** Those of some tokens that none of the sequences holds, in their order. */
    public static List<Integer> unplaced(int[] tokens, Collection<RecoveredSequence> sequences) {
        Set<Integer> placed = new HashSet<>();
        sequences.forEach(s -> Arrays.stream(s.tokens()).forEach(placed::add));
        return Arrays.stream(tokens).filter(t -> !placed.contains(t)).boxed().toList();
    }

    /** Whole sequences only. */
    public Reconstruction(
            List<RecoveredSequence> sequences,
            Map<String, Double> secondsByStage,
            @Nullable Capacity capacity,
            Map<String, Double> counters) {
        this(sequences, secondsByStage, capacity, List.of(), List.of(), counters);
    }

    /** What an attack that gave up recovered: nothing. */
    public static Reconstruction none() {
        return new Reconstruction(List.of(), Map.of(), null, Map.of());
    }

    /** Sum of all stages, seconds. */
    public double seconds() {
        return secondsByStage.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    /**
     * One recovered sequence.
     *
     * @param tokens token ids
     * @param offset position of the first token
     */
    public record RecoveredSequence(int[] tokens, int offset) {}

    /**
     * Use of the attack's capacity. Exact recovery needs every value below {@code hiddenSize}.
     *
     * @param inputRank rank of the first layer's inputs (tokens + positions − 1, natural text)
     * @param distinctPrefixes rank of the attention outputs: different prefixes in the batch
     * @param hiddenSize d
     */
    public record Capacity(int inputRank, int distinctPrefixes, int hiddenSize) {}
}
