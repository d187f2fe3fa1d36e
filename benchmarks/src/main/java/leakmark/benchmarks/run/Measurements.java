package leakmark.benchmarks.run;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import leakmark.attacks.Attack;
import leakmark.attacks.AttackException;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.client.ClientBatch;
import leakmark.attacks.dager.Certificate;
import leakmark.attacks.dager.Certifier;
import leakmark.attacks.djl.TransformerGradient;
import leakmark.attacks.encoder.Attacks;
import leakmark.attacks.model.Models;
import leakmark.attacks.model.PublicModel;
import leakmark.benchmarks.cli.Progress;
import leakmark.benchmarks.jmh.GradientStore;
import leakmark.benchmarks.run.Plan.Cell;
import leakmark.benchmarks.study.Studies;
import leakmark.kernels.KernelProviders;
import leakmark.kernels.vector.Roofs;
import leakmark.reports.claims.ClaimSheet;
import leakmark.reports.result.Claim;
import leakmark.reports.result.Claim.Verdict;
import leakmark.reports.result.Example;
import leakmark.reports.result.Observation;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Status;
import leakmark.reports.result.Roof;

/** The steps of a run, each of which leaves its results in the recording. */
final class Measurements {
    private final Recording recording;
    private final Path gradients;
    private final PrintWriter lines;

    Measurements(Recording recording, Path folder, PrintWriter lines) {
        this.recording = recording;
        this.gradients = folder.resolve("gradients");
        this.lines = lines;
    }

    /** Memory bandwidth and FMA rate by the number of cores. */
    void roofs() {
        int cores = Runtime.getRuntime().availableProcessors();
        // Doubling up to all of them.
        List<Integer> counts = new ArrayList<>();
        for (int threads = 1; threads < cores; threads *= 2) {
            counts.add(threads);
        }
        counts.add(cores);
        try (Progress progress = Progress.of("roofs", 2L * counts.size())) {
            for (int threads : counts) {
                recording.add(new Roof("memory bandwidth", threads, Roofs.memoryBandwidth(threads), "GB/s"));
                progress.step();
                recording.add(new Roof("fused multiply-add", threads, Roofs.fmaRate(threads), "GFLOP/s"));
                progress.step();
            }
        }
        for (Roof roof : recording.roofs()) {
            line(String.format(
                    Locale.ROOT,
                    "%-44s %8.1f %s",
                    roof.name() + ", " + roof.threads() + " threads",
                    roof.value(),
                    roof.unit()));
        }
    }

    /** Clients' gradients of all attack cells, through the whole model. */
    void gradients(List<Cell> attacks) {
        List<GradientStore.Cell> cells =
                attacks.stream().map(Cell::gradient).distinct().toList();
        if (cells.isEmpty()) {
            return;
        }
        Map<String, List<GradientStore.Cell>> byModel =
                cells.stream().collect(Collectors.groupingBy(GradientStore.Cell::model));
        try (Progress progress = Progress.of("client gradients", cells.size())) {
            byModel.values().forEach(ofOne -> gradients(ofOne, progress));
        }
    }

    private void gradients(List<GradientStore.Cell> ofOneModel, Progress progress) {
        PublicModel model = open(ofOneModel.get(0));
        try (TransformerGradient oracle = new TransformerGradient()) {
            for (GradientStore.Cell cell : ofOneModel) {
                GradientStore.make(gradients, cell, model, oracle);
                progress.step();
            }
        }
    }

    private static PublicModel open(GradientStore.Cell cell) {
        return Models.open(cell.model(), cell.seed(), cell.weightStd());
    }

    /** All cells in JMH, kernels first. */
    void cells(JmhRunner runner, List<Cell> kernels, List<Cell> attacks) {
        Gate gate = new Gate(recording.roofs());
        List<Cell> all = new ArrayList<>(kernels);
        all.addAll(attacks);
        try (Progress progress = Progress.of("benchmarks", all.size())) {
            for (Cell cell : all) {
                List<Result> results =
                        runner.run(cell).stream().map(gate::judge).toList();
                recording.add(results.isEmpty() ? List.of(failed(cell)) : results);
                results.forEach(result -> line(described(result)));
                if (results.isEmpty()) {
                    line(cell.description() + ": no result, see jmh.log");
                }
                progress.step();
            }
        }
    }

    private static Result failed(Cell cell) {
        Map<String, String> params = new java.util.LinkedHashMap<>(cell.params());
        String provider = params.remove("provider");
        return new Result(
                new Result.Key(cell.benchmark(), provider == null ? "" : provider, params),
                null,
                new Result.Metric("ms/op", Result.Better.LOWER),
                Status.ERROR,
                List.of("JMH gave no result; its log says why"),
                Map.of(),
                null,
                List.of(),
                null,
                Map.of(),
                Map.of());
    }

    private static String described(Result result) {
        Map<String, String> params = new java.util.TreeMap<>(result.key().params());
        params.keySet().removeAll(List.of("mode", "weightStd", "seed"));
        params.remove("model", "gpt2");
        String what = result.key().benchmark() + " " + result.key().variant() + " " + params;
        if (result.summary() == null) {
            return String.format(Locale.ROOT, "%-90s %s %s", what, result.status(), result.reasons());
        }
        String recovery = result.quality().containsKey(Result.EXACT_SEQUENCES)
                ? String.format(
                        Locale.ROOT,
                        " %.0f/%.0f exact",
                        result.quality().getOrDefault(Result.EXACT_SEQUENCES, 0.0),
                        result.quality().getOrDefault(Result.SEQUENCES, 0.0))
                : "";
        return String.format(
                Locale.ROOT,
                "%-90s %10.2f %s%s",
                what,
                result.summary().median(),
                result.metric().unit(),
                recovery);
    }

    /** One batch attacked here, certified, and shown in the report as text. */
    void example(List<Cell> attacks) {
        Optional<Cell> chosen = attacks.stream()
                .filter(cell -> !cell.published())
                .min(Comparator.comparingInt(cell -> Math.abs(cell.gradient().batchSize() - 8) * 100
                        + Math.abs(cell.gradient().sequenceLength() - 24)));
        if (chosen.isEmpty()) {
            return;
        }
        Cell cell = chosen.get();
        GradientStore.Cell gradientCell = cell.gradient();
        PublicModel model = open(gradientCell);
        GradientStore.Stored stored = GradientStore.read(gradients, gradientCell, model);
        try (TransformerGradient oracle = new TransformerGradient();
                Attack attack = Attacks.exact(model, KernelProviders.best(), () -> oracle)) {
            Reconstruction found = attack.reconstruct(model, stored.gradient());
            Certificate certificate = Progress.during(
                    "certificate", () -> new Certifier(oracle).certify(model, stored.gradient(), found));
            recording.certified(cell, certificate.certified() ? 1 : 0);
            recording.add(compared(cell, stored.truth(), certificate));
            line(String.format(
                    Locale.ROOT,
                    "certificate of %s: %s, its gradient differs by %.1e (float32 explains %.0e)",
                    cell.description(),
                    certificate.certified() ? "certified" : "not certified",
                    certificate.relativeError(),
                    certificate.tolerance()));
        } catch (AttackException e) {
            line("no example: " + e.getMessage());
        }
    }

    /** What the studies of these claims measure, each setting once. */
    void claims(List<ClaimSheet> sheets, boolean full) {
        Set<ClaimSheet.Cell> cells = new LinkedHashSet<>();
        sheets.forEach(sheet -> cells.addAll(sheet.cells(full)));
        try (Studies studies = new Studies(KernelProviders.best());
                Progress progress = Progress.of("claims", cells.size())) {
            for (ClaimSheet.Cell cell : cells) {
                Studies.Measured measured = studies.measure(cell);
                recording.add(measured.observation(), measured.galleries());
                line(described(measured.observation()));
                progress.step();
            }
        }
    }

    private static String described(Observation observation) {
        return observation.title() + ": "
                + observation.values().entrySet().stream()
                        .map(entry -> String.format(
                                Locale.ROOT,
                                "%s %.3g",
                                entry.getKey(),
                                entry.getValue().stream()
                                        .mapToDouble(Double::doubleValue)
                                        .average()
                                        .orElse(Double.NaN)))
                        .collect(Collectors.joining(", "));
    }

    /** Judges all claims by what was measured; what nothing here bears on is not printed. */
    void judge(List<ClaimSheet> sheets) {
        for (Claim claim : recording.judge(sheets)) {
            if (claim.verdict() != Verdict.NOT_TESTABLE_HERE) {
                line(claim.id() + " " + claim.verdict() + ": " + claim.measured());
            }
        }
    }

    private static Example compared(Cell cell, ClientBatch truth, Certificate certificate) {
        leakmark.attacks.text.Tokenizer tokenizer = GradientStore.tokenizer(cell.gradient(), open(cell.gradient()));
        List<RecoveredSequence> found =
                new ArrayList<>(certificate.reconstruction().sequences());
        List<String> trueText = new ArrayList<>();
        List<String> recoveredText = new ArrayList<>();
        List<Boolean> exact = new ArrayList<>();
        for (int[] sequence : truth.tokens().sequences()) {
            Optional<RecoveredSequence> match = found.stream()
                    .filter(r -> Arrays.equals(r.tokens(), sequence))
                    .findFirst();
            match.ifPresent(found::remove);
            trueText.add(tokenizer.decode(sequence));
            recoveredText.add(match.map(r -> tokenizer.decode(r.tokens())).orElse(""));
            exact.add(match.isPresent());
        }
        return new Example(
                cell.description() + (certificate.certified() ? ", certified" : ", not certified"),
                cell.params(),
                trueText,
                recoveredText,
                exact);
    }

    private void line(String text) {
        lines.println(text);
        lines.flush();
    }
}
