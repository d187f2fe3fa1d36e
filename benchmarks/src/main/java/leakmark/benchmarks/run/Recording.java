package leakmark.benchmarks.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import leakmark.benchmarks.cli.Machines;
import leakmark.benchmarks.gpu.DevicePredictions;
import leakmark.reports.claims.ClaimSheet;
import leakmark.reports.html.HtmlReport;
import leakmark.reports.html.MarkdownReport;
import leakmark.reports.result.AtomicFile;
import leakmark.reports.result.Claim;
import leakmark.reports.result.Evidence;
import leakmark.reports.result.Example;
import leakmark.reports.result.Gallery;
import leakmark.reports.result.Latency;
import leakmark.reports.result.Machine;
import leakmark.reports.result.Observation;
import leakmark.reports.result.Profile;
import leakmark.reports.result.Result;
import leakmark.reports.result.ResultFile;
import leakmark.reports.result.ResultFiles;
import leakmark.reports.result.Roof;
import leakmark.reports.result.Run;
import leakmark.reports.result.SideComparison;
import org.jspecify.annotations.Nullable;

/** What a run has measured so far, on disk after each cell; the report is written even if the run is interrupted. */
public final class Recording {
    /** File names in the run's folder. */
    public static final String RESULT = "result.json";

    public static final String HTML = "report.html";
    public static final String MARKDOWN = "report.md";

    private final Path folder;
    private Run run;
    private final Machine machine;
    private final @Nullable String code = CodeHash.ofThisProgram();
    private final Thread onInterrupt;
    private final List<Roof> roofs = new ArrayList<>();
    private final List<Result> results = new ArrayList<>();
    private final List<Example> examples = new ArrayList<>();
    private final List<Gallery> galleries = new ArrayList<>();
    private final List<Claim> claims = new ArrayList<>();
    private final List<SideComparison> comparisons = new ArrayList<>();
    private final List<Observation> observations = new ArrayList<>();
    private final List<Latency> latencies = new ArrayList<>();
    private final List<Profile> profiles = new ArrayList<>();

    /** Starts recording; the folder is there. */
    public Recording(Path folder, List<String> arguments, Map<String, String> protocol) {
        this.folder = folder;
        this.machine = Machines.here();
        List<String> argv = List.copyOf(arguments);
        String started = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        this.run = new Run(started, GitRevision.here(), argv, 1, protocol);
        // Ctrl-C ends the process; what was measured becomes a report first.
        this.onInterrupt = new Thread(this::writeReport, "report on interrupt");
        Runtime.getRuntime().addShutdownHook(onInterrupt);
    }

    /** What there is so far. */
    public synchronized ResultFile file() {
        return new ResultFile(run, machine, roofs, results, examples)
                .with(galleries, claims)
                .with(comparisons)
                .with(new Evidence(observations, latencies, profiles, DevicePredictions.of(results)));
    }

    /** Roofs measured so far. */
    public synchronized List<Roof> roofs() {
        return List.copyOf(roofs);
    }

    /** Adds a roof. */
    public synchronized void add(Roof roof) {
        roofs.add(roof);
    }

    /** Puts a comparison and head's results in place of earlier ones, and writes the file. */
    public synchronized void set(SideComparison comparison, List<Result> headResults) {
        comparisons.clear();
        comparisons.add(comparison);
        results.clear();
        results.addAll(headResults);
        write();
    }

    /** Puts comparisons in place of earlier ones, with what came out, and writes the file. */
    public synchronized void set(List<SideComparison> all, Map<String, String> outcome) {
        comparisons.clear();
        comparisons.addAll(all);
        Map<String, String> protocol = new LinkedHashMap<>(run.protocol());
        protocol.putAll(outcome);
        run = new Run(run.startedAt(), run.gitRevision(), run.argv(), run.seed(), protocol);
        write();
    }

    /** Adds results, as this program's where they name no code, and writes the file. */
    synchronized void add(List<Result> more) {
        more.stream()
                .map(result -> result.codeHash() == null ? result.withCode(code) : result)
                .forEach(results::add);
        write();
    }

    synchronized void add(Example example) {
        examples.add(example);
        write();
    }

    synchronized void add(Observation observation, List<Gallery> moreGalleries) {
        observations.add(observation);
        galleries.addAll(moreGalleries);
        write();
    }

    synchronized void add(Latency latency) {
        latencies.add(latency);
        write();
    }

    synchronized void add(Profile profile) {
        profiles.add(profile);
        write();
    }

    /** Judges claims by everything measured so far. */
    synchronized List<Claim> judge(List<ClaimSheet> sheets) {
        ResultFile measured = file();
        claims.clear();
        sheets.forEach(sheet -> claims.add(sheet.judge(measured)));
        write();
        return List.copyOf(claims);
    }

    /** Notes on every cell of an attack's size that its batch was certified, or not. */
    synchronized void certified(Plan.Cell cell, double part) {
        results.replaceAll(result -> {
            boolean same = result.key().variant().equals(cell.params().get("provider"))
                    && result.key()
                            .params()
                            .entrySet()
                            .containsAll(withoutProvider(cell).entrySet());
            if (!same) {
                return result;
            }
            Map<String, Double> quality = new java.util.LinkedHashMap<>(result.quality());
            quality.put(Result.CERTIFIED, part);
            return new Result(
                    result.key(),
                    result.codeHash(),
                    result.metric(),
                    result.status(),
                    result.reasons(),
                    quality,
                    result.cost(),
                    result.rounds(),
                    result.summary(),
                    result.split(),
                    result.counters());
        });
        write();
    }

    private static Map<String, String> withoutProvider(Plan.Cell cell) {
        Map<String, String> params = new java.util.LinkedHashMap<>(cell.params());
        params.remove("provider");
        return params;
    }

    /** Writes the report; an interrupt has nothing left to do. */
    public void finish() {
        write();
        writeReport();
        try {
            Runtime.getRuntime().removeShutdownHook(onInterrupt);
        } catch (IllegalStateException e) {
            // The JVM is ending, and the hook runs.
        }
    }

    private synchronized void write() {
        try {
            ResultFiles.write(file(), folder.resolve(RESULT));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized void writeReport() {
        try {
            HtmlReport.write(file(), folder.resolve(HTML));
            AtomicFile.write(folder.resolve(MARKDOWN), MarkdownReport.render(file()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
