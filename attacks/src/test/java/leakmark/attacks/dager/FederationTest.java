package leakmark.attacks.dager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import leakmark.attacks.Attack;
import leakmark.attacks.AttackException;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.client.BatchSampler;
import leakmark.attacks.client.ClientBatch;
import leakmark.attacks.client.FederatedSetting;
import leakmark.attacks.client.Federation;
import leakmark.attacks.client.Padding;
import leakmark.attacks.client.Seen;
import leakmark.attacks.metrics.RecoveryScore;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.text.WordTokenizer;
import leakmark.kernels.KernelProviders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a curious party of each setting recovers of natural text that nothing was tuned on. */
class FederationTest {
    private static final List<String> SENTENCES = List.of(
            "The ferry to the outer islands was cancelled.",
            "My grandmother kept every letter from the harbour.",
            "Nobody could say when the train would leave.",
            "We painted the kitchen door a darker shade of green.",
            "Her violin was older than the theatre itself.",
            "Two of the climbers turned back before noon.");

    private static Seen observe(String specification, PublicModel model) {
        FederatedSetting setting = FederatedSetting.parse(specification);
        List<ClientBatch> batches = new ArrayList<>();
        WordTokenizer tokenizer = new WordTokenizer(model.configuration().vocabularySize());
        for (int c = 0; c < setting.clients(); c++) {
            batches.add(new BatchSampler(tokenizer, List.of(SENTENCES.get(c)), 10, Padding.RIGHT, 2).sample(1, c));
        }
        return new Federation(Scenario.ENGINE, model, Task.CLASSIFICATION).observe(setting, batches, 1);
    }

    private static RecoveryScore score(Seen seen, List<SharedGradient> gradients, Attack attack) {
        List<RecoveredSequence> found = new ArrayList<>();
        for (SharedGradient gradient : gradients) {
            found.addAll(attack.reconstruct(seen.model(), gradient).sequences());
        }
        return RecoveryScore.of(seen.truth(), new Reconstruction(found, Map.of(), null, Map.of()));
    }

    @ParameterizedTest
    @CsvSource({
        "fedsgd, 1",
        "sum:3, 3",
        "secure-aggregation:3:2:1, 2",
        "all-reduce:3, 2",
        "gossip:ring:5:2, 4",
        "gossip:star:5:2, 4",
        "lora:64, 1",
        "layers:1, 1"
    })
    void everythingOfOthersIsRecovered(String specification, int sequences) {
        Seen seen = observe(specification, Scenario.small(0.02));
        try (DagerAttack exact = new DagerAttack(KernelProviders.best());
                DagerAttack blurred = DagerAttack.onBlurred(KernelProviders.best())) {
            RecoveryScore score = score(seen, seen.solved(), seen.kind() == Seen.Kind.BLURRED ? blurred : exact);
            assertEquals(sequences, score.sequences());
            assertEquals(sequences, score.exactSequences());
        }
    }

    /** Ciphertexts of the first values, the same arithmetic behind them: all within half a step a client of the plain sum. */
    @Test
    void anEncryptedSumIsTheSumInFixedPoint() {
        Seen encrypted = observe("encrypted-sum:3:12", Scenario.small(0.02));
        Seen plain = observe("sum:3", Scenario.small(0.02));
        assertEquals(Seen.Kind.PROTECTED, encrypted.kind());
        plain.plain().get(0).tensors().forEach((name, mean) -> {
            float[] sum = encrypted.plain().get(0).get(name).data();
            double largest = 0;
            for (float value : sum) {
                largest = Math.max(largest, Math.abs(value));
            }
            for (int i = 0; i < sum.length; i++) {
                // A client's range is at most the sum's and its own: three steps of half a 2048th each, generously.
                assertEquals(3 * mean.data()[i], sum[i], 3 * largest * 3 / 2048, name + " " + i);
            }
        });
    }

    /** Who reads only what its two neighbours send learns two of four. */
    @Test
    void withoutAlgebraOnlyNeighboursAreKnown() {
        Seen seen = observe("gossip:ring:5:2", Scenario.small(0.02));
        try (DagerAttack attack = new DagerAttack(KernelProviders.best())) {
            assertEquals(2, score(seen, seen.plain(), attack).exactSequences());
        }
    }

    @Test
    void adaptersAtZeroSayNothing() {
        Seen seen = observe("lora:64:zero", Scenario.small(0.02));
        assertNotNull(seen.notApplicable());
        for (float value : seen.plain().get(0).get("h.0.attn.c_attn.weight").data()) {
            assertEquals(0, value);
        }
    }

    /** Ten local steps move the weights far enough that the first model's inputs are off, and the midpoint's are not. */
    @Test
    void anUpdateIsAttackedAtItsMidpoint() {
        PublicModel model = Scenario.small(0.02);
        ClientBatch batch = new BatchSampler(
                        new WordTokenizer(model.configuration().vocabularySize()), SENTENCES, 8, Padding.RIGHT, 2)
                .sample(4, 3);
        Seen seen = new Federation(Scenario.ENGINE, model, Task.CLASSIFICATION)
                .observe(FederatedSetting.parse("fedavg:5:2:1e-3"), List.of(batch), 1);
        try (DagerAttack attack = DagerAttack.onUpdates(KernelProviders.best(), seen.movement())) {
            RecoveryScore score = score(seen, seen.solved(), attack);
            assertEquals(4, score.exactSequences());
        }
    }

    /** ROUGE-1 of what one round gives; who sees nothing above the noise recovers nothing. */
    private static double scoreOrRefusal(Seen seen, Attack attack) {
        try {
            return score(seen, seen.plain(), attack).rouge1();
        } catch (AttackException refused) {
            return 0;
        }
    }

    /** Sixteen noisy rounds of the same data tell more than one. */
    @Test
    void roundsAddUp() {
        PublicModel model = Scenario.small(0.02);
        Seen seen = observe("rounds:16+gaussian:5e-3", model);
        try (NoiseAwareDager attack = new NoiseAwareDager(KernelProviders.best())) {
            double one = scoreOrRefusal(seen, attack);
            double all = score(seen, seen.solved(), attack).rouge1();
            assertTrue(all > one, () -> "one round " + one + ", sixteen " + all);
        }
    }
}
