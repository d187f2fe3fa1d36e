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
import leakmark.attacks.client.ClientDefence;
import leakmark.attacks.client.Padding;
import leakmark.attacks.client.Practice;
import leakmark.attacks.client.ReadParameters;
import leakmark.attacks.dager.EmbeddingRows;
import leakmark.attacks.defences.DefenceKind;
import leakmark.attacks.djl.Dropout;
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
import org.jspecify.annotations.Nullable;

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

    /** What a line of progress tells of an attack. */
    private record Told(double rouge1, double seconds) {}

    /** Every specification of every kind, first nothing at all. */
    static List<String> sweep() {
        List<String> specifications = new ArrayList<>(List.of("none"));
        for (Practice practice : Practice.values()) {
            specifications.addAll(practice.textSweep());
        }
        for (DefenceKind kind : DefenceKind.values()) {
            kind.sweep().forEach(s -> specifications.add(ClientDefence.parse(s).label()));
        }
        return specifications;
    }

    /**
     * Attacks every client behind every defence, one defence after the other.
     *
     * @param utilities what each defence costs in learning
     * @param progress gets a line for each client
     * @param done gets a defence's results, unaware and aware, as soon as they are there
     */
    void run(List<String> specifications, Utilities utilities, Consumer<String> progress, Consumer<List<Result>> done) {
        try (TransformerGradient oracle = new TransformerGradient();
                Attack exact = Attacker.UNAWARE.dager(KernelProviders.best());
                Attack noiseAware = Attacker.AWARE.dager(KernelProviders.best())) {
            for (String specification : specifications) {
                ClientDefence defence = ClientDefence.parse(specification);
                // An attacker who has not heard of DAGER reads the embeddings' gradient; an exact gradient needs no
                // more than it.
                Attack unaware =
                        defence.practices().containsKey(Practice.FROZEN_EMBEDDINGS) ? new EmbeddingRows() : exact;
                done.accept(run(defence, oracle, unaware, defence.isExact() ? exact : noiseAware, utilities, progress));
            }
        }
    }

    private List<Result> run(
            ClientDefence defence,
            TransformerGradient oracle,
            Attack unaware,
            Attack aware,
            Utilities utilities,
            Consumer<String> progress) {
        int size = defence.number(Practice.BATCH, batchSize);
        int length = defence.number(Practice.LENGTH, sequenceLength);
        BatchSampler sampler = sampler(length, defence.practices().containsKey(Practice.LENGTH));
        Set<String> read = Client.decoderAttackNames(model.configuration(), Task.CLASSIFICATION);
        BothAttackers both = new BothAttackers();
        long entries = 0;
        for (long seed = firstSeed; seed < firstSeed + seeds; seed++) {
            ClientBatch batch = sampler.sample(size, seed);
            // Again for each defence: the gradients of 20 clients of gpt2 would fill 7 GB.
            SharedGradient shared;
            try (Dropping training = new Dropping(oracle, defence.dropout(), seed)) {
                ReadParameters client = new ReadParameters(new Client(training.oracle()), model, Task.CLASSIFICATION);
                SharedGradient clean = client.plain(batch);
                entries = clean.tensors().values().stream()
                        .mapToLong(t -> t.data().length)
                        .sum();
                shared = client.protect(defence.protection().label(), batch, clean, read, seed);
            }
            Told without = attack(unaware, shared, batch, both.unaware());
            Told with = attack(aware, shared, batch, both.aware());
            progress.accept(String.format(
                    Locale.ROOT,
                    "  seed %d %s: ROUGE-1 unaware %.3f in %.1f s, aware %.3f in %.1f s",
                    seed,
                    defence.label(),
                    without.rouge1(),
                    without.seconds(),
                    with.rouge1(),
                    with.seconds()));
        }
        double bytes = defence.protection().bytes(entries);
        // How a client trains has its price in the model it trains, which the perceptron of the utility does not have.
        Utility utility = defence.practices().isEmpty() ? utilities.of(defence.protection()) : null;
        return List.of(
                result(defence, Attacker.UNAWARE, both.unaware(), bytes, utility),
                result(defence, Attacker.AWARE, both.aware(), bytes, utility));
    }

    /** The client's own passes: with dropout they need an oracle of their own. */
    private record Dropping(TransformerGradient oracle, boolean own) implements AutoCloseable {
        Dropping(TransformerGradient shared, double rate, long seed) {
            this(rate > 0 ? new TransformerGradient(new Dropout(rate, seed)) : shared, rate > 0);
        }

        @Override
        public void close() {
            if (own) {
                oracle.close();
            }
        }
    }

    /** @param joined true to join sentences that follow each other until they are long enough */
    private BatchSampler sampler(int length, boolean joined) {
        Tokenizer tokenizer =
                Tokenizers.of(null, model.configuration().vocabularySize()).tokenizer();
        List<String> sentences = TextFile.corpus(TextProfile.ALL);
        return new BatchSampler(
                tokenizer,
                joined ? TextFile.joined(sentences, tokenizer, length) : sentences,
                length,
                Padding.RIGHT,
                model.configuration().labels());
    }

    private Told attack(Attack attack, SharedGradient shared, ClientBatch batch, RecoveryCell into) {
        Attempt attempt = Attempt.of(attack, model, shared);
        RecoveryScore score = RecoveryScore.of(batch, attempt.found());
        into.add(score, attempt.milliseconds(), attempt.refusal());
        return new Told(score.rouge1(), attempt.milliseconds() * 1e-3);
    }

    private Result result(
            ClientDefence defence, Attacker attacker, RecoveryCell cell, double bytes, @Nullable Utility utility) {
        Map<String, String> params = new LinkedHashMap<>();
        params.put(DEFENCE, defence.label());
        params.put("model", model.configuration().name());
        params.put("batchSize", Integer.toString(defence.number(Practice.BATCH, batchSize)));
        params.put("sequenceLength", Integer.toString(defence.number(Practice.LENGTH, sequenceLength)));
        Map<String, Double> quality = cell.quality();
        quality.put(Result.ROUGE_2, cell.mean(RecoveryScore::rouge2));
        quality.put("tokenRecall", cell.mean(RecoveryScore::tokenRecall));
        if (utility != null) {
            quality.put("accuracy", utility.accuracy());
            quality.put("loss", utility.loss());
        }
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
