package leakmark.benchmarks.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import leakmark.attacks.Attack;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.client.BatchSampler;
import leakmark.attacks.client.Client;
import leakmark.attacks.client.ClientBatch;
import leakmark.attacks.client.Padding;
import leakmark.attacks.dager.Certificate;
import leakmark.attacks.dager.Certifier;
import leakmark.attacks.djl.Tokenizers;
import leakmark.attacks.djl.TransformerGradient;
import leakmark.attacks.encoder.Attacks;
import leakmark.attacks.metrics.RecoveryScore;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.Models;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.published.PublishedDager;
import leakmark.attacks.published.PublishedEncoder;
import leakmark.attacks.text.FramedTokenizer;
import leakmark.benchmarks.study.Attempt;
import leakmark.benchmarks.study.RecoveryCell;
import leakmark.kernels.KernelProvider;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Status;
import leakmark.reports.result.Summary;

/**
 * Recovery and time of the attack on encoders against batch size, length and strength of attention, with the published
 * search beside it where its product of candidates is small enough to end. Each seed draws weights, sentences and labels.
 */
final class EncoderStudy {
    static final String BENCHMARK = "EncoderRecovery.attack";

    /** Lowest exact rate whose time is told. */
    private static final double GATE = 0.95;

    private static final double PUBLISHED_GATE = 0.5;

    private final String model;
    private final List<String> sentences;
    private final KernelProvider provider;
    private final int seeds;
    private final double publishedLimit;
    private final Consumer<String> progress;

    /** A batch's size. */
    record Shape(int batchSize, int sequenceLength) {
        /** About how many sentences the published search tries: B candidates a position between [CLS] and [SEP], all lengths. */
        double combinations() {
            double sum = 0;
            for (int length = 3; length <= sequenceLength; length++) {
                sum += Math.pow(batchSize, length - 2.0);
            }
            return sum;
        }
    }

    /** What a variant did with the batches of one shape. */
    private static final class Cell {
        private final RecoveryCell recovery = new RecoveryCell();
        private int certified;
        private int wrong;
    }

    /**
     * @param model preset
     * @param seeds batches of a cell, from seed 1 on
     * @param publishedLimit most sentences the published search may have to try; 0: it is not run
     * @param progress gets a line for each attack
     */
    EncoderStudy(
            String model,
            List<String> sentences,
            KernelProvider provider,
            int seeds,
            double publishedLimit,
            Consumer<String> progress) {
        this.model = model;
        this.sentences = sentences;
        this.provider = provider;
        this.seeds = seeds;
        this.publishedLimit = publishedLimit;
        this.progress = progress;
    }

    /** All shapes at one strength. */
    List<Result> run(double weightStd, List<Shape> shapes) {
        Map<Result.Key, Cell> cells = new LinkedHashMap<>();
        try (TransformerGradient oracle = new TransformerGradient()) {
            for (long seed = 1; seed <= seeds; seed++) {
                PublicModel opened = Models.open(model, seed, weightStd);
                try (Attack ours = Attacks.exact(opened, provider, () -> oracle)) {
                    for (Shape shape : shapes) {
                        ClientBatch batch = batch(opened.configuration(), shape, seed);
                        SharedGradient gradient = new Client(oracle)
                                .share(
                                        opened,
                                        Task.CLASSIFICATION,
                                        batch,
                                        Client.attackNames(opened.configuration(), Task.CLASSIFICATION));
                        if (cells.isEmpty()) {
                            // The first attack of a process is slowed by compilation and first use of the model.
                            Attempt.of(ours, opened, gradient);
                        }
                        Cell cell = cell(cells, provider.name(), shape, weightStd);
                        Attempt attempt = Attempt.of(ours, opened, gradient);
                        certify(oracle, opened, gradient, attempt.found(), cell);
                        add(cell, provider.name(), shape, weightStd, seed, batch, attempt);
                        if (shape.combinations() <= publishedLimit) {
                            Cell theirs = cell(cells, Result.Key.PUBLISHED, shape, weightStd);
                            try (PublishedEncoder published = new PublishedEncoder(
                                    PublishedDager.Settings.defaults(),
                                    shape.batchSize(),
                                    tokenizer(opened.configuration()).last())) {
                                published.prepare(opened);
                                Attempt search = Attempt.of(published, opened, gradient);
                                add(theirs, Result.Key.PUBLISHED, shape, weightStd, seed, batch, search);
                            }
                        }
                    }
                }
            }
        }
        List<Result> results = new ArrayList<>();
        cells.forEach((key, cell) -> results.add(result(key, cell)));
        return results;
    }

    private static FramedTokenizer tokenizer(ModelConfiguration configuration) {
        return (FramedTokenizer) Tokenizers.of(null, configuration).tokenizer();
    }

    private ClientBatch batch(ModelConfiguration configuration, Shape shape, long seed) {
        return new BatchSampler(
                        tokenizer(configuration),
                        sentences,
                        shape.sequenceLength(),
                        Padding.RIGHT,
                        configuration.labels())
                .sample(shape.batchSize(), seed);
    }

    private Cell cell(Map<Result.Key, Cell> cells, String variant, Shape shape, double weightStd) {
        Map<String, String> params = new LinkedHashMap<>();
        params.put("model", model);
        params.put("weightStd", Double.toString(weightStd));
        params.put("batchSize", Integer.toString(shape.batchSize()));
        params.put("sequenceLength", Integer.toString(shape.sequenceLength()));
        return cells.computeIfAbsent(new Result.Key(BENCHMARK, variant, params), key -> new Cell());
    }

    private static void certify(
            TransformerGradient oracle, PublicModel model, SharedGradient gradient, Reconstruction found, Cell into) {
        Certificate certificate = new Certifier(oracle).certify(model, gradient, found);
        into.certified += certificate.certified()
                ? certificate.reconstruction().sequences().size()
                : 0;
    }

    private void add(
            Cell cell, String variant, Shape shape, double weightStd, long seed, ClientBatch batch, Attempt attempt) {
        RecoveryScore score = RecoveryScore.of(batch, attempt.found());
        cell.recovery.add(score, attempt.milliseconds(), attempt.refusal());
        cell.wrong += attempt.found().sequences().size() - score.exactSequences();
        progress.accept(String.format(
                Locale.ROOT,
                "%d × %d std %s seed %d %s: %d/%d exact, %.2f s",
                shape.batchSize(),
                shape.sequenceLength(),
                weightStd,
                seed,
                variant,
                score.exactSequences(),
                score.sequences(),
                attempt.milliseconds() * 1e-3));
    }

    private static Result result(Result.Key key, Cell cell) {
        boolean published = key.variant().equals(Result.Key.PUBLISHED);
        Map<String, Double> quality = cell.recovery.quality();
        quality.put(Result.ROUGE_2, cell.recovery.mean(RecoveryScore::rouge2));
        if (!published) {
            quality.put(Result.CERTIFIED, (double) cell.certified);
        }
        Result result = new Result(
                key,
                null,
                new Result.Metric("ms/op", Result.Better.LOWER),
                Status.OK,
                cell.recovery.reasons(),
                quality,
                null,
                cell.recovery.rounds(),
                Summary.of(cell.recovery.rounds()),
                Map.of(),
                Map.of("wrong", (double) cell.wrong));
        double gate = published ? PUBLISHED_GATE : GATE;
        double exactRate = cell.recovery.exactRate();
        return exactRate >= gate
                ? result
                : result.without(
                        Status.WITHHELD,
                        List.of(String.format(Locale.ROOT, "exactRate %.3f is below the gate %.2f", exactRate, gate)));
    }
}
