package leakmark.benchmarks.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import leakmark.benchmarks.cli.CommandFailure;
import leakmark.benchmarks.cli.ExitCode;
import leakmark.reports.result.Result;
import org.jspecify.annotations.Nullable;

/**
 * A benchmark with one value for each of its parameters.
 *
 * @param benchmark full name, class and method
 * @param params one value each
 * @param shots how many, of a benchmark of single shots; null for its own numbers
 */
record ComparedCell(
        String benchmark,
        Map<String, String> params,
        @Nullable Shots shots) {
    private static final String PACKAGE = "leakmark.benchmarks.jmh.";

    /** Attacks on the small model, of 30 to 60 ms: the benchmark's own numbers are for larger models. */
    private static final Shots SMALL = new Shots(60, 40);

    /**
     * Single shots of a fork.
     *
     * @param warmups not counted
     * @param iterations counted
     */
    record Shots(int warmups, int iterations) {
        List<String> flags() {
            return List.of("-wi", Integer.toString(warmups), "-i", Integer.toString(iterations));
        }
    }

    ComparedCell(String benchmark, Map<String, String> params) {
        this(benchmark, params, null);
    }

    /** Each of the decoder attack's kernels, the matching kernel, and a whole attack with its recovery. */
    private static final List<ComparedCell> USUAL = List.of(
            usual("RowSpaceBenchmark.allGradients", "provider", "vector", "hiddenSize", "768", "rank", "200"),
            usual(
                    "TokenFilterBenchmark.sweep",
                    "provider",
                    "vector",
                    "hiddenSize",
                    "768",
                    "vocabularySize",
                    "50257",
                    "sequenceLength",
                    "64"),
            usual(
                    "SequenceSearchBenchmark.lastPosition",
                    "provider",
                    "vector",
                    "hiddenSize",
                    "768",
                    "batchSize",
                    "8",
                    "sequenceLength",
                    "24"),
            usual(
                    "GradientMatchingBenchmark.evaluate",
                    "provider",
                    "vector",
                    "model",
                    "lenet",
                    "attacks",
                    "4",
                    "batchSize",
                    "1",
                    "imageSize",
                    "32"),
            usual(
                            "DagerBenchmark.attack",
                            "provider",
                            "vector",
                            "model",
                            "small",
                            "weightStd",
                            "0.02",
                            "seed",
                            "1",
                            "batchSize",
                            "8",
                            "sequenceLength",
                            "24")
                    .with(SMALL));

    private static ComparedCell usual(String name, String... params) {
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < params.length; i += 2) {
            values.put(params[i], params[i + 1]);
        }
        return new ComparedCell(PACKAGE + name, values);
    }

    private ComparedCell with(Shots newShots) {
        return new ComparedCell(benchmark, params, newShots);
    }

    /**
     * The cells to compare: the usual ones, or all of the benchmarks whose name a pattern finds.
     *
     * @param patterns none for the usual cells
     * @param asked values of axes, which replace the benchmarks' own
     * @throws CommandFailure if there are none
     */
    static List<ComparedCell> select(
            Program base, Program head, List<String> patterns, Map<String, List<String>> asked) {
        Set<String> known = new TreeSet<>();
        List.of(base, head)
                .forEach(side -> side.benchmarks()
                        .values()
                        .forEach(benchmark -> known.addAll(benchmark.axes().keySet())));
        asked.keySet().stream()
                .filter(axis -> !known.contains(axis))
                .findFirst()
                .ifPresent(axis -> {
                    throw new CommandFailure(
                            ExitCode.USAGE,
                            "-p " + axis + ": neither side has such a JMH parameter; there are "
                                    + String.join(", ", known));
                });
        Set<ComparedCell> cells = new LinkedHashSet<>();
        if (patterns.isEmpty()) {
            USUAL.stream()
                    .filter(cell -> base.has(cell) || head.has(cell))
                    .forEach(cell -> cells.addAll(
                            asked.isEmpty() ? List.of(cell) : crossed(cell.benchmark(), single(cell.params()), asked)));
        } else {
            Map<String, Program.Benchmark> all = new TreeMap<>(base.benchmarks());
            all.putAll(head.benchmarks());
            List<Pattern> compiled =
                    patterns.stream().map(ComparedCell::pattern).toList();
            all.forEach((name, benchmark) -> {
                if (compiled.stream().anyMatch(pattern -> pattern.matcher(name).find())) {
                    cells.addAll(crossed(name, benchmark.axes(), asked));
                }
            });
        }
        if (cells.isEmpty()) {
            throw new CommandFailure(
                    ExitCode.UNFIT,
                    "no benchmark of either side matches " + (patterns.isEmpty() ? "the usual ones" : patterns)
                            + "; see leakmark list");
        }
        return List.copyOf(cells);
    }

    private static Pattern pattern(String text) {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new CommandFailure(ExitCode.USAGE, "--benchmark " + text + " is no pattern: " + e.getDescription());
        }
    }

    private static Map<String, List<String>> single(Map<String, String> params) {
        Map<String, List<String>> axes = new LinkedHashMap<>();
        params.forEach((axis, value) -> axes.put(axis, List.of(value)));
        return axes;
    }

    /** Every combination of the axes' values. */
    private static List<ComparedCell> crossed(
            String name, Map<String, List<String>> axes, Map<String, List<String>> asked) {
        List<Map<String, String>> combinations = List.of(Map.of());
        for (Map.Entry<String, List<String>> axis : axes.entrySet()) {
            List<Map<String, String>> longer = new ArrayList<>();
            for (Map<String, String> params : combinations) {
                for (String value : asked.getOrDefault(axis.getKey(), axis.getValue())) {
                    Map<String, String> more = new LinkedHashMap<>(params);
                    more.put(axis.getKey(), value);
                    longer.add(more);
                }
            }
            combinations = longer;
        }
        return combinations.stream()
                .map(params -> new ComparedCell(name, params))
                .toList();
    }

    /** Its key in a result file, as the gate writes it. */
    Result.Key key() {
        Map<String, String> rest = new LinkedHashMap<>(params);
        String variant = rest.remove("provider");
        return new Result.Key(benchmark.replaceAll(".*\\.(\\w+\\.\\w+)$", "$1"), variant == null ? "" : variant, rest);
    }

    @Override
    public String toString() {
        return key().toString();
    }
}
