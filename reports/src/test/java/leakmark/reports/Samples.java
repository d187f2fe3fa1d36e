package leakmark.reports;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import leakmark.reports.compare.Judge;
import leakmark.reports.result.CellComparison;
import leakmark.reports.result.Claim;
import leakmark.reports.result.Evidence;
import leakmark.reports.result.Example;
import leakmark.reports.result.Gallery;
import leakmark.reports.result.Latency;
import leakmark.reports.result.Machine;
import leakmark.reports.result.Prediction;
import leakmark.reports.result.Profile;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Better;
import leakmark.reports.result.Result.Cost;
import leakmark.reports.result.Result.Metric;
import leakmark.reports.result.Result.Status;
import leakmark.reports.result.ResultFile;
import leakmark.reports.result.Roof;
import leakmark.reports.result.Run;
import leakmark.reports.result.SideComparison;
import leakmark.reports.result.Summary;

/** Result files shaped like real ones, the same on every call. Times are invented. */
public final class Samples {
    public static final List<Integer> BATCH_SIZES = List.of(1, 2, 4, 8);
    public static final List<Integer> SEQUENCE_LENGTHS = List.of(8, 16, 24);

    /** A PNG of one pixel. */
    private static final String PIXEL =
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

    private static final Metric TIME = new Metric("ms/op", Better.LOWER);

    private Samples() {}

    /** 4 × 3 cells of ours, one below exact and one withheld; the published algorithm in eight; four kernel cells. */
    public static ResultFile sweep() {
        SplittableRandom random = new SplittableRandom(7);
        List<Result> results = new ArrayList<>();
        for (int sequenceLength : SEQUENCE_LENGTHS) {
            for (int batchSize : BATCH_SIZES) {
                double time = 1.9 * Math.pow(batchSize, 1.1) * Math.pow(sequenceLength, 0.6);
                Result ours = reconstruction(
                        "vector", batchSize, sequenceLength, batchSize, rounds(random, time, 0.04), split(time));
                if (batchSize == 8 && sequenceLength == 16) {
                    ours = reconstruction(
                            "vector", batchSize, sequenceLength, 7, rounds(random, time, 0.04), split(time));
                }
                if (batchSize == 8 && sequenceLength == 8) {
                    ours = reconstruction("vector", 8, 8, 3, rounds(random, time, 0.04), split(time))
                            .without(Status.WITHHELD, List.of("exactRate 0.375 is below the gate 0.5"));
                }
                results.add(ours);
                double published = 310 * Math.pow(batchSize, 1.9) * Math.pow(sequenceLength, 1.2);
                if (published < 150_000) {
                    results.add(reconstruction(
                            Result.Key.PUBLISHED,
                            batchSize,
                            sequenceLength,
                            batchSize,
                            rounds(random, published, 0.06),
                            Map.of()));
                } else if (batchSize == 8) {
                    results.add(skipped(batchSize, sequenceLength));
                }
            }
        }
        results.add(kernel("TokenFilter.filter", "vector", 19.8, 2.0 * 50257 * 768 * 32, 50257 * 768 * 4.0, random));
        results.add(kernel("TokenFilter.stream", "vector", 9.4, 0, 50257 * 768 * 4.0, random));
        results.add(kernel("RowSpace.factor", "openblas", 21.5, 4.0 / 3 * 768 * 768 * 768, 768 * 768 * 4.0, random));
        results.add(kernel("TokenFilter.filter", "scalar", 940, 2.0 * 50257 * 768 * 32, 50257 * 768 * 4.0, random)
                .without(Status.INVALID, List.of("1.31 times the measured roof for copy")));
        return new ResultFile(run(), machine(), roofs(), results, List.of(example()));
    }

    /** One exact cell and nothing else. */
    public static ResultFile singleCell() {
        Result only = reconstruction(
                "vector", 2, 16, 2, List.of(List.of(19.0, 20.0, 21.0), List.of(20.0, 20.5, 19.5)), Map.of());
        return new ResultFile(run(), machine(), List.of(), List.of(only), List.of());
    }

    /** Attacks by gradient matching, and their kernel, beside PyTorch. */
    public static ResultFile inversions() {
        List<Result> results = List.of(
                inversion("vector", 64, 1.0, 40000, 3100),
                inversion(Result.Key.PUBLISHED, 4, 0.75, 36000, 3300),
                matching("vector", 0.3),
                matching("torch", 2.4));
        return new ResultFile(run(), machine(), List.of(), results, List.of());
    }

    private static Result inversion(String variant, int attacks, double success, double time, double evaluations) {
        List<List<Double>> rounds = List.of(List.of(time));
        return new Result(
                new Result.Key("DlgBenchmark.attacks", variant, Map.of("attacks", Integer.toString(attacks))),
                null,
                TIME,
                Status.OK,
                List.of(),
                Map.of(Result.SUCCESS_RATE, success),
                null,
                rounds,
                Summary.of(rounds),
                Map.of(),
                Map.of(
                        "attacksPerSecond",
                        1000 * attacks / time,
                        "recoveredPerSecond",
                        1000 * attacks * success / time,
                        "evaluationsPerAttack",
                        evaluations));
    }

    private static Result matching(String variant, double time) {
        List<List<Double>> rounds = List.of(List.of(time));
        return new Result(
                new Result.Key("GradientMatchingBenchmark.evaluate", variant, Map.of("attacks", "1")),
                null,
                TIME,
                Status.OK,
                List.of(),
                Map.of(),
                new Cost(1e7, 0),
                rounds,
                Summary.of(rounds),
                Map.of(),
                Map.of("gc.alloc.rate.norm", 0.0));
    }

    /** A run that measured nothing. */
    public static ResultFile empty() {
        return new ResultFile(run(), machine(), List.of(), List.of(), List.of());
    }

    /** No defence, three strengths of noise and one of masks against two attackers, and three settings, one of which does not apply. */
    public static ResultFile protections() {
        List<Result> results = new ArrayList<>();
        double[] unaware = {0.9, 0.1, 0};
        double[] aware = {0.95, 0.8, 0.4};
        String[] strengths = {"gaussian:1.0E-5", "gaussian:1.0E-4", "gaussian:5.0E-4"};
        results.add(protectedCell("dager", "defence", "none", "unaware", 1));
        results.add(protectedCell("dager", "defence", "none", "aware", 1));
        for (int s = 0; s < strengths.length; s++) {
            results.add(protectedCell("dager", "defence", strengths[s], "unaware", unaware[s]));
            results.add(protectedCell("dager", "defence", strengths[s], "aware", aware[s]));
        }
        results.add(protectedCell("dager", "defence", "mask:0.3", "unaware", 0));
        results.add(protectedCell("dager", "defence", "mask:0.3", "aware", 0.5));
        results.add(protectedCell("setting", "setting", "sum:4", "unaware", 0.25));
        results.add(protectedCell("setting", "setting", "sum:4", "aware", 1));
        results.add(protectedCell("setting", "setting", "lora:64:zero", "aware", 0)
                .without(Status.NOT_APPLICABLE, List.of("B is zero & A's gradient too")));
        return new ResultFile(run(), machine(), List.of(), results, List.of());
    }

    private static Result protectedCell(String attack, String param, String name, String attacker, double leaked) {
        List<List<Double>> rounds = List.of(List.of(10.0, 12.0));
        return new Result(
                new Result.Key(
                        "DefenceLeakage." + attack,
                        attacker,
                        Map.of(param, name, "view", "server & <sum>", "batchSize", "1", "sequenceLength", "24")),
                null,
                new Result.Metric("ms/op", Result.Better.LOWER),
                Status.OK,
                List.of(),
                Map.of(
                        Result.ROUGE_1,
                        leaked,
                        Result.SEQUENCES,
                        4.0,
                        Result.EXACT_SEQUENCES,
                        (double) Math.round(4 * leaked),
                        "accuracy",
                        0.7),
                null,
                rounds,
                Summary.of(rounds),
                Map.of(),
                Map.of("bytes", 1000.0));
    }

    /**
     * What all commands together can put into a file: the sweep with work declared, three of its cells predicted for a GPU, a
     * claim, a comparison of two cells with its control, the latency of 1,000 calls, a profile, and images with two loss curves.
     */
    public static ResultFile everything() {
        ResultFile sweep = sweep();
        List<Result> results = new ArrayList<>();
        List<Prediction> predictions = new ArrayList<>();
        for (Result result : sweep.results()) {
            boolean ours = result.key().benchmark().equals("Dager.reconstruct")
                    && result.key().variant().equals("vector")
                    && result.status() == Status.OK;
            results.add(ours ? costing(result, new Cost(1e8 * (results.size() + 1), 1e7)) : result);
            if (ours && predictions.size() < 3) {
                predictions.add(new Prediction(result.key(), "Card", 1e-3, "a data sheet"));
            }
        }
        List<Latency.Point> points =
                List.of(new Latency.Point(50, 0.010), new Latency.Point(90, 0.020), new Latency.Point(100, 0.080));
        Latency latency = new Latency(
                "dager", "vector", Map.of(), 50, 49.5, 1000, Map.of(Result.EXACT_RATE, 1.0), points, points);
        List<Profile.Share> shares = List.of(new Profile.Share("a.B.<init>", 0.6), new Profile.Share("a.C.d", 0.4));
        Profile profile = new Profile("dager", "vector", Map.of(), 2, 20, 400, shares, shares, shares, Map.of());
        return new ResultFile(sweep.run(), sweep.machine(), sweep.roofs(), results, sweep.examples())
                .with(
                        List.of(new Gallery(
                                "LeNet", Map.of(), 2, 1, PIXEL, 20, List.of(List.of(3.0, 0.2), List.of(2.0, 1.5)))),
                        List.of(claim("L01", "a claim", "20 of 20")))
                .with(List.of(comparison(0.12), comparison(0)))
                .with(new Evidence(List.of(), List.of(latency), List.of(profile), predictions));
    }

    /** Two cells of which one takes longer by this part, and a control. */
    private static SideComparison comparison(double slower) {
        return new SideComparison(
                new SideComparison.Side("HEAD~1", "0123", "aaaa"),
                new SideComparison.Side("HEAD", "4567", "bbbb"),
                SideComparison.Method.PAIRED,
                0.03,
                compared("50", 0, 0.01),
                Judge.together(List.of(compared("50", slower, 0.01), compared("200", 0, 0.01))));
    }

    /** Ten rounds of a cell whose head takes longer by a part, and varies by a spread on a logarithmic scale. */
    public static CellComparison compared(String rank, double slower, double spread) {
        List<Double> base = new ArrayList<>();
        List<Double> head = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            base.add(20.0 + i);
            head.add((20.0 + i) * (1 + slower) * Math.exp(i % 2 == 0 ? spread : -spread));
        }
        return new Judge(0.03).paired(new Result.Key("RowSpace.all", "vector", Map.of("rank", rank)), TIME, base, head);
    }

    /** A sweep of {@code side × side} exact cells. */
    public static ResultFile large(int side) {
        List<Result> results = new ArrayList<>();
        for (int batchSize = 1; batchSize <= side; batchSize++) {
            for (int sequenceLength = 1; sequenceLength <= side; sequenceLength++) {
                double time = batchSize * Math.sqrt(sequenceLength);
                results.add(costing(
                        reconstruction(
                                "a-provider-with-a-rather-long-name-indeed",
                                batchSize,
                                sequenceLength,
                                batchSize,
                                List.of(List.of(time, time * 1.01)),
                                split(time)),
                        new Cost(1e7 * batchSize * sequenceLength, 1e5 * batchSize)));
            }
        }
        return new ResultFile(run(), machine(), roofs(), results, List.of());
    }

    /** The same cell with a declared cost. */
    public static Result costing(Result result, Cost cost) {
        return new Result(
                result.key(),
                result.codeHash(),
                result.metric(),
                result.status(),
                result.reasons(),
                result.quality(),
                cost,
                result.rounds(),
                result.summary(),
                result.split(),
                result.counters());
    }

    /** A supported claim with one figure and one that is only reported. */
    public static Claim claim(String id, String claim, String measured) {
        return new Claim(
                id,
                claim,
                "Somebody 2019 (read in the paper)",
                List.of("270 iterations"),
                "generated images",
                measured,
                Claim.Verdict.SUPPORTED,
                List.of(new Claim.Figure("recovered", 1, 0.84, 1.0, 20, List.of("images lbfgs {model=lenet}"))));
    }

    public static Result reconstruction(
            String variant,
            int batchSize,
            int sequenceLength,
            int exact,
            List<List<Double>> rounds,
            Map<String, Double> split) {
        double rate = (double) exact / batchSize;
        Map<String, Double> quality = new LinkedHashMap<>();
        quality.put(Result.EXACT_RATE, rate);
        quality.put(Result.ROUGE_1, 1 - (1 - rate) * 0.3);
        quality.put(Result.ROUGE_2, 1 - (1 - rate) * 0.5);
        quality.put(Result.SEQUENCES, (double) batchSize);
        quality.put(Result.EXACT_SEQUENCES, (double) exact);
        return new Result(
                new Result.Key("Dager.reconstruct", variant, params(batchSize, sequenceLength)),
                "5d1c0f",
                TIME,
                Status.OK,
                List.of(),
                quality,
                null,
                rounds,
                Summary.of(rounds),
                split,
                Map.of("candidates", 41.0 * batchSize));
    }

    private static Result skipped(int batchSize, int sequenceLength) {
        return new Result(
                new Result.Key("Dager.reconstruct", Result.Key.PUBLISHED, params(batchSize, sequenceLength)),
                null,
                TIME,
                Status.SKIPPED,
                List.of("above the time limit"),
                Map.of(),
                null,
                List.of(),
                null,
                Map.of(),
                Map.of());
    }

    private static Map<String, String> params(int batchSize, int sequenceLength) {
        Map<String, String> params = new LinkedHashMap<>();
        params.put("model", "gpt2-small");
        params.put("batchSize", Integer.toString(batchSize));
        params.put("sequenceLength", Integer.toString(sequenceLength));
        return params;
    }

    private static Result kernel(
            String benchmark, String variant, double time, double flops, double bytes, SplittableRandom random) {
        List<List<Double>> rounds = rounds(random, time, 0.02);
        Map<String, String> params = new LinkedHashMap<>();
        params.put("hiddenSize", "768");
        params.put("vocabularySize", "50257");
        params.put("threads", "2");
        return new Result(
                new Result.Key(benchmark, variant, params),
                null,
                TIME,
                Status.OK,
                List.of(),
                Map.of(),
                new Cost(flops, bytes),
                rounds,
                Summary.of(rounds),
                Map.of(),
                Map.of());
    }

    private static Map<String, Double> split(double milliseconds) {
        Map<String, Double> split = new LinkedHashMap<>();
        // The row space grows slower than the search, as the square root of the total here.
        split.put("row space", 1e-3 * Math.sqrt(milliseconds));
        split.put("token filter", (0.6e-3 * (milliseconds - Math.sqrt(milliseconds))));
        split.put("sequence search", (0.32e-3 * (milliseconds - Math.sqrt(milliseconds))));
        split.put("matching", (0.08e-3 * (milliseconds - Math.sqrt(milliseconds))));
        return split;
    }

    private static List<List<Double>> rounds(SplittableRandom random, double time, double noise) {
        List<List<Double>> rounds = new ArrayList<>();
        for (int fork = 0; fork < 3; fork++) {
            double shift = 1 + noise / 2 * (random.nextDouble() - 0.5);
            List<Double> round = new ArrayList<>();
            for (int iteration = 0; iteration < 5; iteration++) {
                round.add(time * shift * (1 + noise * (random.nextDouble() - 0.5)));
            }
            rounds.add(round);
        }
        return rounds;
    }

    private static Run run() {
        Map<String, String> protocol = new LinkedHashMap<>();
        protocol.put("forks", "3");
        protocol.put("warmup", "2 × 1 s");
        protocol.put("iterations", "5 × 1 s");
        protocol.put("gate", "exactRate ≥ 0.5");
        return new Run(
                "2026-03-04T05:06:07Z",
                "486b449c0ffee",
                List.of("run", "dager", "--batch-size", "1,2,4,8", "--note", "two words"),
                42,
                protocol);
    }

    private static Machine machine() {
        Map<String, String> stable = new LinkedHashMap<>();
        stable.put("processor", "Example CPU <X> & Sons, 2 cores, AVX-512");
        stable.put("memory", "24 GiB");
        Map<String, String> software = new LinkedHashMap<>();
        software.put("java", "OpenJDK 17.0.15");
        software.put("openblas", "0.3.31");
        return new Machine("m-3f2a91", stable, software, Map.of("load", "0.31"));
    }

    private static List<Roof> roofs() {
        return List.of(new Roof("copy", 2, 21.4, "GB/s"), new Roof("fused multiply-add", 2, 151, "GFLOP/s"));
    }

    private static Example example() {
        return new Example(
                "DAGER",
                Map.of("batchSize", "3", "sequenceLength", "8"),
                List.of(
                        "The patient was sent home on Tuesday.",
                        "Transfer <200> euros to \"Anna\" & call back.",
                        "We meet at the north gate."),
                List.of("The patient was sent home on Tuesday.", "Transfer <200> euros to Anna & call back.", ""),
                List.of(true, false, false));
    }
}
