package leakmark.benchmarks.study;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import leakmark.attacks.metrics.ImageScore;
import leakmark.attacks.metrics.SuccessRate;
import leakmark.benchmarks.cli.Attacker;
import leakmark.kernels.matching.GradientMatching;
import leakmark.reports.claims.ClaimSheet.Cell;

/** DLG on single images behind a defence, one image a replication: {@code unaware} and {@code aware} attackers. */
final class ProtectedImageStudy implements Study {
    private final GradientMatching kernels;

    ProtectedImageStudy(GradientMatching kernels) {
        this.kernels = kernels;
    }

    @Override
    public Outcome measure(Cell cell) {
        Setting setting = new Setting(cell);
        Attacker attacker = Attacker.byLabel(setting.variant(), "protected-images");
        ImageLeakage leakage = new ImageLeakage(kernels, setting.number("seeds"), setting.number("iterations"));
        for (ImageScore score : leakage.attack(setting.text("defence"), attacker)) {
            Map<String, Double> values = new LinkedHashMap<>();
            values.put("recovered", (double) SuccessRate.of(List.of(score)).recovered());
            values.put("mse", score.mse());
            setting.add(values);
        }
        return new Outcome(setting.observation(), null);
    }
}
