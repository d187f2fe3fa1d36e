package leakmark.benchmarks.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import leakmark.attacks.client.FederatedSetting;
import leakmark.attacks.client.Seen;
import leakmark.attacks.metrics.RecoveryScore;
import leakmark.attacks.model.PublicModel;
import leakmark.benchmarks.cli.Attacker;
import leakmark.benchmarks.study.BothAttackers;
import leakmark.benchmarks.study.FederatedLeakage;
import leakmark.benchmarks.study.FederatedLeakage.Outcome;
import leakmark.benchmarks.study.RecoveryCell;
import leakmark.kernels.KernelProviders;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Status;
import leakmark.reports.result.Summary;
import org.jspecify.annotations.Nullable;

/** What an honest-but-curious party learns in each federated setting: text, by an unaware attacker and an aware one. */
final class SettingStudy {
    static final String BENCHMARK = "DefenceLeakage.setting";
    static final String SETTING = "setting";

    private final PublicModel model;
    private final int batchSize;
    private final int sequenceLength;
    private final long firstSeed;
    private final int seeds;

    SettingStudy(PublicModel model, int batchSize, int sequenceLength, long firstSeed, int seeds) {
        this.model = model;
        this.batchSize = batchSize;
        this.sequenceLength = sequenceLength;
        this.firstSeed = firstSeed;
        this.seeds = seeds;
    }

    /** One of every kind. */
    static List<String> sweep() {
        List<String> specifications = new ArrayList<>();
        for (FederatedSetting.Kind kind : FederatedSetting.Kind.values()) {
            specifications.addAll(kind.sweep());
        }
        return specifications;
    }

    /**
     * Attacks each setting, one after the other.
     *
     * @param progress gets a line for each round
     * @param done gets a setting's results, unaware and aware, as soon as they are there
     */
    void run(List<String> specifications, Consumer<String> progress, Consumer<List<Result>> done) {
        for (String specification : specifications) {
            done.accept(run(FederatedSetting.parse(specification), progress));
        }
    }

    private List<Result> run(FederatedSetting setting, Consumer<String> progress) {
        BothAttackers both = new BothAttackers();
        String notApplicable = null;
        double gradients = 0;
        try (FederatedLeakage leakage =
                new FederatedLeakage(model, setting, KernelProviders.best(), batchSize, sequenceLength)) {
            for (long seed = firstSeed; seed < firstSeed + seeds && notApplicable == null; seed++) {
                Seen seen = leakage.observe(seed);
                notApplicable = seen.notApplicable();
                gradients = seen.solved().size();
                for (Attacker attacker : Attacker.values()) {
                    if (notApplicable == null) {
                        Outcome outcome = leakage.attack(attacker, seen);
                        both.of(attacker).add(outcome.score(), outcome.milliseconds(), outcome.refusal());
                        progress.accept(String.format(
                                Locale.ROOT,
                                "  seed %d %s %s: %d of %d exact",
                                seed,
                                setting.label(),
                                attacker.label(),
                                outcome.score().exactSequences(),
                                outcome.score().sequences()));
                    }
                }
            }
        }
        List<Result> results = new ArrayList<>();
        for (Attacker attacker : Attacker.values()) {
            results.add(result(setting, attacker, both.of(attacker), notApplicable, gradients));
        }
        return results;
    }

    private Result result(
            FederatedSetting setting,
            Attacker attacker,
            RecoveryCell cell,
            @Nullable String notApplicable,
            double gradients) {
        Map<String, String> params = new LinkedHashMap<>();
        params.put(SETTING, setting.label());
        params.put("view", setting.kind().view());
        params.put("model", model.configuration().name());
        params.put("batchSize", Integer.toString(batchSize));
        params.put("sequenceLength", Integer.toString(sequenceLength));
        boolean applies = notApplicable == null;
        Map<String, Double> quality = applies ? cell.quality() : new LinkedHashMap<>();
        if (applies) {
            quality.put("tokenRecall", cell.mean(RecoveryScore::tokenRecall));
        }
        return new Result(
                new Result.Key(BENCHMARK, attacker.label(), params),
                null,
                new Result.Metric("ms/op", Result.Better.LOWER),
                applies ? Status.OK : Status.NOT_APPLICABLE,
                notApplicable == null ? cell.reasons() : List.of(notApplicable),
                quality,
                null,
                applies ? cell.rounds() : List.of(),
                applies ? Summary.of(cell.rounds()) : null,
                Map.of(),
                Map.of("gradients", gradients));
    }
}
