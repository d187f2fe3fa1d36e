package leakmark.attacks.dager;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import leakmark.attacks.AttackException;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.client.Padding;
import leakmark.attacks.defences.Protection;
import leakmark.attacks.metrics.RecoveryScore;
import leakmark.kernels.KernelProviders;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sentences of natural text that nothing was tuned on, behind noise that stops the exact attack. */
class NoiseAwareDagerTest {
    private static final List<String> SENTENCES = List.of(
            "The ferry to the outer islands was cancelled because of fog.",
            "My grandmother kept every letter that he sent from the harbour.",
            "Nobody at the station could say when the next train would leave.");

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
}
