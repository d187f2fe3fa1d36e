package leakmark.reports.history;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import leakmark.reports.result.AtomicFile;
import leakmark.reports.result.Evidence;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Status;
import leakmark.reports.result.ResultFile;
import leakmark.reports.result.ResultFileException;
import leakmark.reports.result.ResultFiles;

/**
 * A folder of result files, one a run, each with a note beside it if somebody wrote one.
 *
 * @param entries by the time they were started
 */
public record History(List<Entry> entries) {
    private static final String JSON = ".json";
    private static final String NOTE = ".note.txt";

    public History {
        entries = entries.stream()
                .sorted(Comparator.comparing(entry -> entry.file().run().startedAt()))
                .toList();
    }

    /**
     * One run.
     *
     * @param file what it measured
     * @param note what to know about it; empty if nothing
     */
    public record Entry(ResultFile file, String note) {
        /** Git revision, or the time where there is none. */
        public String label() {
            return Objects.requireNonNullElse(
                    file.run().gitRevision(), file.run().startedAt());
        }
    }

    /**
     * Reads a folder; one that is not there is empty.
     *
     * @throws ResultFileException if a file in it is no result file
     */
    public static History read(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return new History(List.of());
        }
        List<Entry> entries = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(path -> path.toString().endsWith(JSON))
                    .sorted()
                    .toList()) {
                Path note = folder.resolve(name(file) + NOTE);
                entries.add(new Entry(
                        ResultFiles.read(file),
                        Files.exists(note) ? Files.readString(note).strip() : ""));
            }
        }
        return new History(entries);
    }

    private static String name(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.substring(0, name.length() - JSON.length());
    }

    /**
     * Adds a run: its cells, roofs and machine, without pictures, texts and evidence.
     *
     * @param note what to know about it; empty if nothing
     * @return the file written
     * @throws ResultFileException if that run is there already, or has no result with a score
     */
    public static Path add(Path folder, ResultFile file, String note) throws IOException {
        if (file.results().stream().noneMatch(result -> result.status() == Status.OK)) {
            throw new ResultFileException("the file has no result with a score: there is nothing to keep");
        }
        String revision = Objects.requireNonNullElse(file.run().gitRevision(), "unknown");
        String name = (file.run().startedAt() + "-" + revision).replaceAll("[^A-Za-z0-9+.-]", "_");
        Path target = folder.resolve(name + JSON);
        if (Files.exists(target)) {
            throw new ResultFileException(target + " is there already: this run is in the history");
        }
        if (!note.isBlank()) {
            AtomicFile.write(folder.resolve(name + NOTE), note.strip() + "\n");
        }
        ResultFiles.write(
                new ResultFile(file.run(), file.machine(), file.roofs(), file.results(), List.of())
                        .with(Evidence.none()),
                target);
        return target;
    }

    /**
     * One timeline a cell with scores from at least one run, in order of appearance. Where a cell was measured on one
     * machine alone its own times are taken, else times normalised by roofs; runs without roofs are then left out.
     */
    public List<Timeline> timelines() {
        Map<Result.Key, List<Timeline.Point>> byKey = new LinkedHashMap<>();
        for (Entry entry : entries) {
            for (Result result : entry.file().results()) {
                if (result.status() == Status.OK && result.summary() != null) {
                    byKey.computeIfAbsent(result.key(), key -> new ArrayList<>())
                            .add(Timeline.Point.of(entry, result));
                }
            }
        }
        List<Timeline> timelines = new ArrayList<>();
        byKey.forEach((key, points) -> timelines.add(Timeline.of(key, points)));
        return timelines;
    }
}
