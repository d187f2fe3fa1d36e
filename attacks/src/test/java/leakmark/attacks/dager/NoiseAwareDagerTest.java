package leakmark.attacks.dager;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import leakmark.attacks.AttackException;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.client.Padding;
import leakmark.attacks.dager.PairPursuit.Pair;
import leakmark.attacks.defences.Protection;
import leakmark.attacks.metrics.RecoveryScore;
import leakmark.attacks.model.ParameterNames;
import leakmark.kernels.KernelProviders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sentences of natural text that nothing was tuned on, behind noise that stops the exact attack. */
class NoiseAwareDagerTest {
    private static final List<String> SENTENCES = List.of(
            "The ferry to the outer islands was cancelled because of fog.",
            "My grandmother kept every letter that he sent from the harbour.",
            "Nobody at the station could say when the next train would leave.");

    private static final List<String> MANY = List.of(
            "The ferry to the outer islands was cancelled because of fog.",
            "My grandmother kept every letter that he sent from the harbour.",
            "Nobody at the station could say when the next train would leave.",
            "We painted the kitchen door a darker shade of green last summer.",
            "Her violin was older than the theatre in which she played it.",
            "Two of the climbers turned back long before the storm reached them.",
            "A choir was rehearsing somewhere behind the brewery wall.");

    @ParameterizedTest
    @CsvSource({"gaussian:1e-4, 0.7", "bf16, 0.7", "prune:0.5, 0.5"})
    void tokensAreFoundBehindADefence(String defence, double rouge) {
        Scenario clean = Scenario.of(Scenario.small(0.02), Task.CLASSIFICATION, SENTENCES, 1, 16, Padding.RIGHT, 2);
        SharedGradient shared = new SharedGradient(
                Task.CLASSIFICATION,
                Protection.parse(defence).apply(clean.gradient().tensors(), 3));
        try (DagerAttack unaware = new DagerAttack(KernelProviders.best());
                NoiseAwareDager aware = new NoiseAwareDager(KernelProviders.best())) {
            assertThrows(AttackException.class, () -> unaware.reconstruct(clean.model(), shared));
            RecoveryScore score = RecoveryScore.of(clean.truth(), aware.reconstruct(clean.model(), shared));
            assertTrue(score.rouge1() >= rouge, () -> "ROUGE-1 " + score.rouge1());
        }
    }

    /** Directions that many tokens share resemble none of them: by gain alone hardly a token of seven sentences is found. */
    @Test
    void tokensOfManySentencesAreFound() {
        Scenario clean =
                Scenario.of(Scenario.small(0.02), Task.CLASSIFICATION, MANY, MANY.size(), 16, Padding.RIGHT, 2);
        Set<Integer> truth = new HashSet<>();
        clean.truth().tokens().sequences().forEach(s -> Arrays.stream(s).forEach(truth::add));
        Whitened seen = Whitened.of(new SharedGradient(
                        Task.CLASSIFICATION,
                        Protection.parse("gaussian:1e-6").apply(clean.gradient().tensors(), 3))
                .get(ParameterNames.queryKeyValue(0)));
        try (NormalisedEmbeddings embeddings = new NormalisedEmbeddings(clean.model(), KernelProviders.best())) {
            List<Pair> pairs = new PairPursuit(embeddings.layer(), 32, seen).pairs(SignalSubspace.of(seen.gradient()));
            Set<Integer> found = pairs.stream().map(Pair::token).collect(Collectors.toSet());
            long right = found.stream().filter(truth::contains).count();
            String counts = right + " of " + truth.size() + " among " + found.size();
            assertTrue(right >= 0.9 * truth.size(), counts);
            assertTrue(found.size() <= 1.2 * truth.size(), counts);
        }
    }
}
