package leakmark.benchmarks.study;

import java.util.LinkedHashMap;
import java.util.Map;
import leakmark.attacks.client.FederatedSetting;
import leakmark.attacks.client.Seen;
import leakmark.attacks.metrics.RecoveryScore;
import leakmark.attacks.model.Models;
import leakmark.benchmarks.cli.Attacker;
import leakmark.kernels.KernelProvider;
import leakmark.reports.claims.ClaimSheet.Cell;

/** Text behind a federated setting and its defences, one round a replication: {@code unaware} and {@code aware} attackers. */
final class FederatedStudy implements Study {
    private final KernelProvider provider;

    FederatedStudy(KernelProvider provider) {
        this.provider = provider;
    }

    @Override
    public Outcome measure(Cell cell) {
        Setting setting = new Setting(cell);
        Attacker attacker = Attacker.byLabel(setting.variant(), "federated");
        try (FederatedLeakage leakage = new FederatedLeakage(
                Models.open(setting.text("model"), Clients.SEED, Clients.STANDARD_DEVIATION),
                FederatedSetting.parse(setting.text("setting")),
                provider,
                setting.number("batchSize"),
                setting.number("sequenceLength"))) {
            for (int seed = 1; seed <= setting.number("seeds"); seed++) {
                Seen seen = leakage.observe(seed);
                if (seen.notApplicable() == null) {
                    RecoveryScore score = leakage.attack(attacker, seen).score();
                    Map<String, Double> values = new LinkedHashMap<>();
                    values.put("rouge1", score.rouge1());
                    values.put("rouge2", score.rouge2());
                    values.put("tokenRecall", score.tokenRecall());
                    values.put("exactRate", (double) score.exactSequences() / score.sequences());
                    setting.add(values);
                }
            }
        }
        return new Outcome(setting.observation(), null);
    }
}
