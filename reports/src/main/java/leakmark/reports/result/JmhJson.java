package leakmark.reports.result;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import leakmark.reports.result.Result.Better;
import leakmark.reports.result.Result.Metric;
import leakmark.reports.result.Result.Status;
import org.jspecify.annotations.Nullable;

/**
 * Imports and exports the JSON of JMH ({@code -rf json}). Every {@code @Param} is kept, {@code mode} and {@code threads} beside them;
 * {@code provider} becomes the variant. Secondary metrics become counters, raw data become rounds.
 */
public final class JmhJson {
    private JmhJson() {}

    /**
     * Reads the results of one JMH run, without gates: quality is empty.
     *
     * @throws ResultFileException if the file is no JMH JSON
     */
    public static List<Result> read(Path path) {
        JsonNode tree = ResultFiles.readTree(path);
        if (!tree.isArray()) {
            throw new ResultFileException(path + " is not JMH JSON: it is no list. Run JMH with -rf json.");
        }
        List<Result> results = new ArrayList<>();
        for (JsonNode entry : tree) {
            if (!entry.path("benchmark").isTextual()
                    || !entry.path("primaryMetric").isObject()) {
                throw new ResultFileException(
                        path + " is not JMH JSON: entry " + results.size() + " has no benchmark and primaryMetric.");
            }
            results.add(result(entry));
        }
        return List.copyOf(results);
    }

    /**
     * Writes the results that have a score as JMH would, for tools that read that: what {@link #read} reads comes back.
     */
    public static void write(List<Result> results, Path path) throws IOException {
        ArrayNode entries = ResultFiles.MAPPER.createArrayNode();
        for (Result result : results) {
            Summary summary = result.summary();
            if (summary != null) {
                entries.add(entry(result, summary));
            }
        }
        AtomicFile.write(path, ResultFiles.MAPPER.writeValueAsString(entries) + "\n");
    }

    private static ObjectNode entry(Result result, Summary summary) {
        Map<String, String> params = new LinkedHashMap<>(result.key().params());
        String mode = params.remove("mode");
        String threads = params.remove("threads");
        if (!result.key().variant().isEmpty()) {
            params.put("provider", result.key().variant());
        }
        ObjectNode entry = ResultFiles.MAPPER.createObjectNode();
        entry.put("benchmark", result.key().benchmark());
        entry.put("mode", mode != null ? mode : result.metric().better() == Better.HIGHER ? "thrpt" : "avgt");
        entry.put("threads", Integer.parseInt(threads == null ? "1" : threads));
        entry.put("forks", result.rounds().size());
        entry.put(
                "measurementIterations",
                result.rounds().stream().mapToInt(List::size).max().orElse(0));
        entry.set("params", ResultFiles.MAPPER.valueToTree(params));
        Double error = summary.error();
        ObjectNode primary = entry.putObject("primaryMetric");
        primary.put("score", summary.score());
        // JMH writes NaN as a string.
        if (error == null) {
            primary.put("scoreError", "NaN");
        } else {
            primary.put("scoreError", error);
        }
        ArrayNode confidence = primary.putArray("scoreConfidence");
        confidence.add(summary.score() - (error == null ? 0 : error));
        confidence.add(summary.score() + (error == null ? 0 : error));
        ObjectNode percentiles = primary.putObject("scorePercentiles");
        percentiles.put("0.0", summary.min());
        percentiles.put("50.0", summary.median());
        percentiles.put("100.0", summary.max());
        primary.put("scoreUnit", result.metric().unit());
        primary.set("rawData", ResultFiles.MAPPER.valueToTree(result.rounds()));
        ObjectNode secondary = entry.putObject("secondaryMetrics");
        result.counters().forEach((name, value) -> {
            ObjectNode counter = secondary.putObject(name);
            counter.put("score", value);
            counter.put("scoreError", "NaN");
            counter.put("scoreUnit", "#");
            counter.putArray("rawData").addArray().add(value);
        });
        return entry;
    }

    private static Result result(JsonNode entry) {
        JsonNode primary = entry.path("primaryMetric");
        String mode = entry.path("mode").asText();
        List<List<Double>> rounds = rounds(primary);
        Summary summary = summary(primary, rounds);
        return new Result(
                key(entry, mode),
                null,
                new Metric(primary.path("scoreUnit").asText(), mode.equals("thrpt") ? Better.HIGHER : Better.LOWER),
                summary == null ? Status.ERROR : Status.OK,
                summary == null ? List.of("JMH measured nothing") : List.of(),
                Map.of(),
                null,
                rounds,
                summary,
                Map.of(),
                counters(entry.path("secondaryMetrics")));
    }

    private static Result.Key key(JsonNode entry, String mode) {
        Map<String, String> params = new LinkedHashMap<>();
        entry.path("params")
                .properties()
                .forEach(param -> params.put(param.getKey(), param.getValue().asText()));
        String provider = params.remove("provider");
        params.put("mode", mode);
        params.put("threads", entry.path("threads").asText("1"));
        return new Result.Key(entry.path("benchmark").asText(), provider == null ? "" : provider, params);
    }

    private static Map<String, Double> counters(JsonNode secondaryMetrics) {
        Map<String, Double> counters = new LinkedHashMap<>();
        secondaryMetrics.properties().forEach(metric -> {
            double score = number(metric.getValue().path("score"));
            if (Double.isFinite(score)) {
                counters.put(metric.getKey(), score);
            }
        });
        return counters;
    }

    private static List<List<Double>> rounds(JsonNode metric) {
        boolean sampled = metric.has("rawDataHistogram");
        List<List<Double>> rounds = new ArrayList<>();
        for (JsonNode fork : metric.path(sampled ? "rawDataHistogram" : "rawData")) {
            List<Double> round = new ArrayList<>();
            for (JsonNode iteration : fork) {
                double value = sampled ? histogramMean(iteration) : number(iteration);
                if (Double.isFinite(value)) {
                    round.add(value);
                }
            }
            rounds.add(round);
        }
        return rounds;
    }

    /** Mean of [value, count] pairs. */
    private static double histogramMean(JsonNode pairs) {
        double sum = 0;
        double count = 0;
        for (JsonNode pair : pairs) {
            sum += number(pair.path(0)) * number(pair.path(1));
            count += number(pair.path(1));
        }
        return sum / count;
    }

    private static @Nullable Summary summary(JsonNode metric, List<List<Double>> rounds) {
        double score = number(metric.path("score"));
        if (!Double.isFinite(score)
                || rounds.stream().flatMap(List::stream).findAny().isEmpty()) {
            return null;
        }
        Summary pooled = Summary.of(rounds);
        double error = number(metric.path("scoreError"));
        return new Summary(
                score,
                DoubleStream.of(error)
                        .filter(Double::isFinite)
                        .boxed()
                        .findAny()
                        .orElse(null),
                pooled.median(),
                pooled.min(),
                pooled.max(),
                pooled.n());
    }

    /** JMH writes NaN as a string. */
    private static double number(JsonNode node) {
        return node.isNumber() ? node.doubleValue() : Double.NaN;
    }
}
