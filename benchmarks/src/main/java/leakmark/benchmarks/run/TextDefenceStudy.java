package leakmark.benchmarks.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import leakmark.attacks.Attack;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.client.BatchSampler;
import leakmark.attacks.client.Client;
import leakmark.attacks.client.ClientBatch;
import leakmark.attacks.client.Padding;
import leakmark.attacks.client.ReadParameters;
import leakmark.attacks.defences.DefenceKind;
import leakmark.attacks.defences.Protection;
import leakmark.attacks.djl.Tokenizers;
import leakmark.attacks.djl.TransformerGradient;
import leakmark.attacks.metrics.RecoveryScore;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.text.TextFile;
import leakmark.attacks.text.TextProfile;
import leakmark.attacks.text.Tokenizer;
import leakmark.benchmarks.cli.Attacker;
import leakmark.benchmarks.study.Attempt;
import leakmark.benchmarks.study.BothAttackers;
import leakmark.benchmarks.study.RecoveryCell;
import leakmark.kernels.KernelProviders;
import leakmark.reports.result.Result;
import leakmark.reports.result.Summary;

/**
 * What DAGER recovers of text against each defence, by an attacker who does not know it and by one who does. Embeddings
 * are frozen, as the paper's attacks do without their gradients; noise is relative to the gradient of all else.
 */
final class TextDefenceStudy {
    static final String BENCHMARK = "DefenceLeakage.dager";
    static final String DEFENCE = "defence";

    private final PublicModel model;
    private final int batchSize;
    private final int sequenceLength;
    private final long firstSeed;
    private final int seeds;

    TextDefenceStudy(PublicModel model, int batchSize, int sequenceLength, long firstSeed, int seeds) {
        this.model = model;
        this.batchSize = batchSize;
        this.sequenceLength = sequenceLength;
        this.firstSeed = firstSeed;
        this.seeds = seeds;
    }

    /** Every specification of every kind, first nothing at all. */
    static List<String> sweep() {
        List<String> specifications = new ArrayList<>(List.of("none"));
        for (DefenceKind kind : DefenceKind.values()) {
            kind.sweep().forEach(s -> specifications.add(Protection.parse(s).label()));
        }
        return specifications;
    }

    /**
     * Attacks every client behind every defence.
     *
     * @param progress gets a line for each
     */
    List<Result> run(List<String> specifications, Consumer<String> progress) {
        Map<String, BothAttackers> cells = new LinkedHashMap<>();
        Tokenizer tokenizer =
                Tokenizers.of(null, model.configuration().vocabularySize()).tokenizer();
        BatchSampler sampler = new BatchSampler(
                tokenizer,
                TextFile.corpus(TextProfile.ALL),
                sequenceLength,
                Padding.RIGHT,
                model.configuration().labels());
        long entries = 0;
        try (TransformerGradient oracle = new TransformerGradient();
                Attack unaware = Attacker.UNAWARE.dager(KernelProviders.best());
                Attack aware = Attacker.AWARE.dager(KernelProviders.best())) {
            ReadParameters client = new ReadParameters(new Client(oracle), model, Task.CLASSIFICATION);
            Set<String> read = Client.decoderAttackNames(model.configuration(), Task.CLASSIFICATION);
            for (long seed = firstSeed; seed < firstSeed + seeds; seed++) {
                ClientBatch batch = sampler.sample(batchSize, seed);
                SharedGradient clean = client.plain(batch);
                entries = clean.tensors().values().stream()
                        .mapToLong(t -> t.data().length)
                        .sum();
                for (String specification : specifications) {
                    SharedGradient shared = client.protect(specification, batch, clean, read, seed);
                    BothAttackers both = cells.computeIfAbsent(specification, s -> new BothAttackers());
                    double blind = attack(unaware, shared, batch, both.unaware());
                    double knowing = attack(aware, shared, batch, both.aware());
                    progress.accept(String.format(
                            Locale.ROOT,
                            "  seed %d %s: ROUGE-1 unaware %.3f, aware %.3f",
                            seed,
                            specification,
                            blind,
                            knowing));
                }
            }
        }
        List<Result> results = new ArrayList<>();
        long uploaded = entries;
        cells.forEach((specification, both) -> {
            Utility utility = Utility.of(KernelProviders.best().gradientMatching(), protection(specification));
            for (Attacker attacker : Attacker.values()) {
                double bytes = protection(specification).bytes(uploaded);
                results.add(result(specification, attacker, both.of(attacker), bytes, utility));
            }
        });
        return results;
    }

    private static Protection protection(String specification) {
        return specification.equals("none") ? Protection.none() : Protection.parse(specification);
    }

    private double attack(Attack attack, SharedGradient shared, ClientBatch batch, RecoveryCell into) {
        Attempt attempt = Attempt.of(attack, model, shared);
        RecoveryScore score = RecoveryScore.of(batch, attempt.found());
        into.add(score, attempt.milliseconds(), attempt.refusal());
        return score.rouge1();
    }

    private Result result(String specification, Attacker attacker, RecoveryCell cell, double bytes, Utility utility) {
        Map<String, String> params = new LinkedHashMap<>();
        params.put(DEFENCE, specification);
        params.put("model", model.configuration().name());
        params.put("batchSize", Integer.toString(batchSize));
        params.put("sequenceLength", Integer.toString(sequenceLength));
        Map<String, Double> quality = cell.quality();
        quality.put(Result.ROUGE_2, cell.mean(RecoveryScore::rouge2));
        quality.put("tokenRecall", cell.mean(RecoveryScore::tokenRecall));
        quality.put("accuracy", utility.accuracy());
        quality.put("loss", utility.loss());
        return new Result(
                new Result.Key(BENCHMARK, attacker.label(), params),
                null,
                new Result.Metric("ms/op", Result.Better.LOWER),
                Result.Status.OK,
                cell.reasons(),
                quality,
                null,
                cell.rounds(),
                Summary.of(cell.rounds()),
                Map.of(),
                Map.of("bytes", bytes));
    }
}
