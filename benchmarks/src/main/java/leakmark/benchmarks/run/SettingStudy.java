package leakmark.benchmarks.run;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import leakmark.attacks.client.FederatedSetting;
import leakmark.attacks.client.Seen;
import leakmark.attacks.model.PublicModel;
import leakmark.benchmarks.cli.Attacker;
import leakmark.benchmarks.study.FederatedLeakage;
import leakmark.benchmarks.study.FederatedLeakage.Outcome;
import leakmark.kernels.KernelProviders;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Status;
import leakmark.reports.result.Summary;

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
        Map<Attacker, List<Outcome>> outcomes = new EnumMap<>(Attacker.class);
        for (Attacker attacker : Attacker.values()) {
            outcomes.put(attacker, new ArrayList<>());
        }
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
                        java.util.Objects.requireNonNull(outcomes.get(attacker)).add(outcome);
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
            results.add(result(
                    setting,
                    attacker,
                    java.util.Objects.requireNonNull(outcomes.get(attacker)),
                    notApplicable,
                    gradients));
        }
        return results;
    }

    private Result result(
            FederatedSetting setting,
            Attacker attacker,
            List<Outcome> outcomes,
            @org.jspecify.annotations.Nullable String notApplicable,
            double gradients) {
        Map<String, String> params = new LinkedHashMap<>();
        params.put(SETTING, setting.label());
        params.put("view", setting.kind().view());
        params.put("model", model.configuration().name());
        params.put("batchSize", Integer.toString(batchSize));
        params.put("sequenceLength", Integer.toString(sequenceLength));
        Map<String, Double> quality = new LinkedHashMap<>();
        List<String> reasons = new ArrayList<>();
        if (notApplicable == null) {
            int sequences =
                    outcomes.stream().mapToInt(o -> o.score().sequences()).sum();
            int exact =
                    outcomes.stream().mapToInt(o -> o.score().exactSequences()).sum();
            quality.put(Result.SEQUENCES, (double) sequences);
            quality.put(Result.EXACT_SEQUENCES, (double) exact);
            quality.put(Result.EXACT_RATE, (double) exact / sequences);
            quality.put(
                    Result.ROUGE_1,
                    outcomes.stream()
                            .mapToDouble(o -> o.score().rouge1())
                            .average()
                            .orElse(0));
            quality.put(
                    "tokenRecall",
                    outcomes.stream()
                            .mapToDouble(o -> o.score().tokenRecall())
                            .average()
                            .orElse(0));
            outcomes.stream()
                    .map(Outcome::refusal)
                    .filter(java.util.Objects::nonNull)
                    .limit(1)
                    .forEach(reasons::add);
        } else {
            reasons.add(notApplicable);
        }
        List<List<Double>> rounds = notApplicable == null
                ? List.of(outcomes.stream().map(Outcome::milliseconds).toList())
                : List.of();
        return new Result(
                new Result.Key(BENCHMARK, attacker.label(), params),
                null,
                new Result.Metric("ms/op", Result.Better.LOWER),
                notApplicable == null ? Status.OK : Status.NOT_APPLICABLE,
                reasons,
                quality,
                null,
                rounds,
                notApplicable == null ? Summary.of(rounds) : null,
                Map.of(),
                Map.of("gradients", gradients));
    }
}
