package leakmark.reports.html;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import leakmark.reports.result.Result;
import leakmark.reports.result.Summary;

/**
 * The results of a file by kind. A benchmark is a reconstruction if any of its cells reports exact recovery, or if its
 * cells have both sizes of a batch and no cost; it is an inversion if any of its cells reports a success rate; every other
 * benchmark is a kernel. Cells of protected gradients are none of these ({@link Protections}).
 *
 * @param reconstructions cells of attacks that recover text exactly
 * @param inversions cells of attacks that match gradients
 * @param kernels all others
 */
record Cells(List<Result> reconstructions, List<Result> inversions, List<Result> kernels) {
    static Cells of(List<Result> results) {
        Map<String, List<Result>> byBenchmark = results.stream()
                .filter(result -> !Protections.has(result))
                .collect(Collectors.groupingBy(
                        result -> result.key().benchmark(), LinkedHashMap::new, Collectors.toList()));
        List<Result> reconstructions = new ArrayList<>();
        List<Result> inversions = new ArrayList<>();
        List<Result> kernels = new ArrayList<>();
        byBenchmark.values().forEach(cells -> {
            boolean attack = cells.stream().anyMatch(cell -> cell.quality().containsKey(Result.EXACT_RATE))
                    || cells.stream().allMatch(cell -> cell.cost() == null && size(cell) > 0);
            boolean inversion = cells.stream().anyMatch(cell -> cell.quality().containsKey(Result.SUCCESS_RATE));
            (inversion ? inversions : attack ? reconstructions : kernels).addAll(cells);
        });
        return new Cells(reconstructions, inversions, kernels);
    }

    static boolean isPublished(Result result) {
        return result.key().variant().equals(Result.Key.PUBLISHED);
    }

    /** Whether every sequence was recovered exactly; false if unknown. */
    static boolean isExact(Result result) {
        Double rate = result.quality().get(Result.EXACT_RATE);
        return rate != null && rate >= 1;
    }

    /** Tokens in the batch; 0 if a size is missing. */
    static double size(Result result) {
        return result.axis(Result.BATCH_SIZE) * result.axis(Result.SEQUENCE_LENGTH);
    }

    /** Smallest and largest value in seconds, around {@link Result#seconds}, which must be present. */
    static double[] rangeSeconds(Result result) {
        double seconds = result.seconds().orElseThrow();
        Summary summary = Objects.requireNonNull(result.summary());
        return new double[] {
            Math.min(seconds, result.inSeconds(summary.min()).orElse(seconds)),
            Math.max(seconds, result.inSeconds(summary.max()).orElse(seconds))
        };
    }

    /** The published cell of the same benchmark and parameters, by {@link #pairKey}. */
    static Map<String, Result> published(List<Result> results) {
        Map<String, Result> published = new LinkedHashMap<>();
        results.stream().filter(Cells::isPublished).forEach(result -> published.put(pairKey(result), result));
        return published;
    }

    static String pairKey(Result result) {
        return result.key().benchmark() + " " + new TreeMap<>(result.key().params());
    }

    /** Parameters with more than one value, which a table needs as columns, in order of appearance. */
    static List<String> varying(List<Result> results) {
        Set<String> names = new LinkedHashSet<>();
        results.forEach(result -> names.addAll(result.key().params().keySet()));
        return names.stream()
                .filter(name -> isAxis(name)
                        || results.stream()
                                        .map(result -> result.key().params().getOrDefault(name, ""))
                                        .distinct()
                                        .limit(2)
                                        .count()
                                > 1)
                .toList();
    }

    /** Parameters with one value in every cell, which a caption names once. */
    static Map<String, String> constant(List<Result> results) {
        Map<String, String> constant = new LinkedHashMap<>();
        if (!results.isEmpty()) {
            constant.putAll(results.get(0).key().params());
            varying(results).forEach(constant::remove);
        }
        return constant;
    }

    static boolean isAxis(String name) {
        return name.equals(Result.BATCH_SIZE) || name.equals(Result.SEQUENCE_LENGTH);
    }

    /** Values of the named parameters. */
    static List<String> values(Result result, List<String> names) {
        return names.stream()
                .map(name -> result.key().params().getOrDefault(name, Format.NONE))
                .toList();
    }
}
