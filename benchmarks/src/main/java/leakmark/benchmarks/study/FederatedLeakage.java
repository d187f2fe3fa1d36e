package leakmark.benchmarks.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import leakmark.attacks.Attack;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.client.BatchSampler;
import leakmark.attacks.client.ClientBatch;
import leakmark.attacks.client.FederatedSetting;
import leakmark.attacks.client.Federation;
import leakmark.attacks.client.Padding;
import leakmark.attacks.client.Seen;
import leakmark.attacks.dager.DagerAttack;
import leakmark.attacks.dager.NoiseAwareDager;
import leakmark.attacks.djl.Tokenizers;
import leakmark.attacks.djl.TransformerGradient;
import leakmark.attacks.metrics.RecoveryScore;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.text.TextFile;
import leakmark.attacks.text.TextProfile;
import leakmark.attacks.text.Tokenizer;
import leakmark.benchmarks.cli.Attacker;
import leakmark.kernels.KernelProvider;
import org.jspecify.annotations.Nullable;

/** What the curious party of one federated setting recovers, round by round: new sentences each. */
public final class FederatedLeakage implements AutoCloseable {
    private final TransformerGradient oracle = new TransformerGradient();
    private final PublicModel model;
    private final FederatedSetting setting;
    private final KernelProvider provider;
    private final int batchSize;
    private final BatchSampler sampler;
    private final Map<Attacker, Attack> attacks = new EnumMap<>(Attacker.class);

    /**
     * Opens PyTorch.
     *
     * @param batchSize sentences of each client
     * @param sequenceLength most tokens of a sentence
     */
    public FederatedLeakage(
            PublicModel model, FederatedSetting setting, KernelProvider provider, int batchSize, int sequenceLength) {
        this.model = model;
        this.setting = setting;
        this.provider = provider;
        this.batchSize = batchSize;
        Tokenizer tokenizer =
                Tokenizers.of(null, model.configuration().vocabularySize()).tokenizer();
        this.sampler = new BatchSampler(
                tokenizer,
                TextFile.corpus(TextProfile.ALL),
                sequenceLength,
                Padding.RIGHT,
                model.configuration().labels());
    }

    /**
     * What one attacker recovered in one round.
     *
     * @param score against all that others hold
     * @param milliseconds of the attack
     * @param refusal why it gave up on a gradient, or null
     */
    public record Outcome(
            RecoveryScore score,
            double milliseconds,
            @Nullable String refusal) {}

    /** What is seen in a round. */
    public Seen observe(long seed) {
        ClientBatch all = sampler.sample(batchSize * setting.clients(), seed);
        List<ClientBatch> batches = new ArrayList<>();
        for (int c = 0; c < setting.clients(); c++) {
            batches.add(part(all, c * batchSize, (c + 1) * batchSize));
        }
        return new Federation(oracle, model, Task.CLASSIFICATION).observe(setting, batches, seed);
    }

    private static ClientBatch part(ClientBatch all, int from, int to) {
        TokenBatch tokens = all.tokens();
        return new ClientBatch(
                all.sentences().subList(from, to),
                new TokenBatch(
                        tokens.sequences().subList(from, to),
                        Arrays.copyOfRange(tokens.offsets(), from, to),
                        Arrays.copyOfRange(tokens.labels(), from, to)));
    }

    /** Attacks what is seen. */
    public Outcome attack(Attacker attacker, Seen seen) {
        Attack attack = attacks.computeIfAbsent(attacker, who -> attackOf(who, seen));
        List<SharedGradient> gradients = attacker == Attacker.AWARE ? seen.solved() : seen.plain();
        List<RecoveredSequence> found = new ArrayList<>();
        String refusal = null;
        double milliseconds = 0;
        for (SharedGradient gradient : gradients) {
            Attempt attempt = Attempt.of(attack, seen.model(), gradient);
            found.addAll(attempt.found().sequences());
            milliseconds += attempt.milliseconds();
            refusal = attempt.refusal() == null ? refusal : attempt.refusal();
        }
        RecoveryScore score = RecoveryScore.of(seen.truth(), new Reconstruction(found, Map.of(), null, Map.of()));
        return new Outcome(score, milliseconds, refusal);
    }

    private Attack attackOf(Attacker attacker, Seen seen) {
        if (attacker == Attacker.UNAWARE) {
            return new DagerAttack(provider);
        }
        return switch (seen.kind()) {
            case EXACT -> new DagerAttack(provider);
            case BLURRED -> DagerAttack.onBlurred(provider);
            case UPDATE -> DagerAttack.onUpdates(provider, seen.movement());
            case PROTECTED -> new NoiseAwareDager(provider);
        };
    }

    @Override
    public void close() {
        attacks.values().forEach(Attack::close);
        oracle.close();
    }
}
