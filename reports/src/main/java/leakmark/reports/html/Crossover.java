package leakmark.reports.html;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import leakmark.reports.result.Prediction;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Cost;

/**
 * From which work on a GPU is faster: time against declared FLOPs of the cells measured here, beside the same cells on a
 * GPU, measured in the same file or predicted. All positions are pixels.
 *
 * @param title benchmark and variant
 * @param sentences one a device: where it overtakes
 * @param across horizontal ticks
 * @param up vertical ticks
 * @param lines the measured one first
 */
record Crossover(String title, List<String> sentences, List<Chart.Tick> across, List<Chart.Tick> up, List<Line> lines) {
    /** The variant that runs on a GPU. */
    private static final String GPU = "cuda";

    private static final double GIGA = 1e9;

    /**
     * A line.
     *
     * @param name device or variant, and whether it was measured
     * @param style CSS classes
     * @param path points of a polyline
     */
    record Line(String name, String style, String path, List<Mark> marks) {}

    /** A cell. */
    record Mark(String x, String y, String title) {}

    private record Point(Result cell, double flops, double here, double there) {}

    static List<Crossover> of(List<Result> results, List<Prediction> predictions) {
        Map<String, Map<Map<String, String>, Result>> measured = new LinkedHashMap<>();
        Sweep.timed(results).stream()
                .filter(result -> result.key().variant().equals(GPU))
                .forEach(result -> measured.computeIfAbsent(result.key().benchmark(), name -> new LinkedHashMap<>())
                        .put(result.key().params(), result));
        Map<List<String>, List<Result>> groups = new LinkedHashMap<>();
        for (Result result : Sweep.timed(results)) {
            Cost cost = result.cost();
            if (cost != null && cost.flops() > 0 && !result.key().variant().equals(GPU)) {
                groups.computeIfAbsent(
                                List.of(result.key().benchmark(), result.key().variant()), key -> new ArrayList<>())
                        .add(result);
            }
        }
        List<Crossover> crossovers = new ArrayList<>();
        groups.forEach((key, cells) -> {
            Map<String, List<Point>> devices = new TreeMap<>();
            for (Result cell : cells) {
                Result other = measured.getOrDefault(key.get(0), Map.of())
                        .get(cell.key().params());
                if (other != null) {
                    devices.computeIfAbsent("GPU, measured", name -> new ArrayList<>())
                            .add(point(cell, other.seconds().orElseThrow()));
                }
                predictions.stream()
                        .filter(prediction -> prediction.key().equals(cell.key()))
                        .forEach(prediction -> devices.computeIfAbsent(
                                        prediction.device() + ", PREDICTED", name -> new ArrayList<>())
                                .add(point(cell, prediction.seconds())));
            }
            drawn(String.join(", ", key), devices).ifPresent(crossovers::add);
        });
        return crossovers;
    }

    private static Point point(Result cell, double there) {
        Cost cost = cell.cost();
        return new Point(cell, cost == null ? 0 : cost.flops(), cell.seconds().orElseThrow(), there);
    }

    private static Optional<Crossover> drawn(String title, Map<String, List<Point>> devices) {
        devices.values().removeIf(points -> points.size() < 2);
        if (devices.isEmpty()) {
            return Optional.empty();
        }
        devices.values().forEach(points -> points.sort(Comparator.comparingDouble(Point::flops)));
        List<Point> all =
                devices.values().stream().flatMap(List::stream).distinct().toList();
        LogScale across = LogScale.over(all.stream().mapToDouble(Point::flops).toArray(), Chart.LEFT, Chart.RIGHT);
        LogScale up = LogScale.over(
                all.stream()
                        .flatMapToDouble(point -> DoubleStream.of(point.here(), point.there()))
                        .toArray(),
                Chart.BOTTOM,
                Chart.TOP);
        List<Line> lines = new ArrayList<>();
        List<String> sentences = new ArrayList<>();
        List<Point> longest = devices.values().stream()
                .max(Comparator.comparingInt(List::size))
                .orElseThrow();
        lines.add(line("here, measured", "ours s3", longest, across, up, true));
        devices.forEach((name, points) -> {
            lines.add(line(name, "published s" + Math.min(5, 1 + 2 * (lines.size() - 1)), points, across, up, false));
            sentences.add(name + ": " + sentence(points));
        });
        return Optional.of(new Crossover(
                title,
                sentences,
                across.ticks().stream()
                        .map(value -> new Chart.Tick(Format.pixel(across.pixel(value)), Format.digits(value / GIGA)))
                        .toList(),
                up.ticks().stream()
                        .map(value -> new Chart.Tick(
                                Format.pixel(up.pixel(value)),
                                Format.seconds(value).replaceFirst("\\.0+ ", " ")))
                        .toList(),
                lines));
    }

    /** Where the logarithms of both times cross, linear between neighbours; the last crossing counts. */
    private static String sentence(List<Point> points) {
        double first = Math.log(points.get(0).here() / points.get(0).there());
        double last = first;
        String at = "";
        for (int i = 1; i < points.size(); i++) {
            Point before = points.get(i - 1);
            Point point = points.get(i);
            double next = Math.log(point.here() / point.there());
            if (last <= 0 && next > 0) {
                double part = last / (last - next);
                at = Format.digits(
                        Math.exp(Math.log(before.flops()) * (1 - part) + Math.log(point.flops()) * part) / GIGA);
            }
            last = next;
        }
        if (last <= 0) {
            return "not faster at the largest size measured.";
        }
        return (at.isEmpty() ? "faster at every size measured, " : "overtakes at " + at + " GFLOP a call, ")
                + Format.digits(Math.exp(last)) + " times as fast at the largest.";
    }

    private static Line line(
            String name, String style, List<Point> points, LogScale across, LogScale up, boolean here) {
        StringBuilder path = new StringBuilder();
        List<Mark> marks = new ArrayList<>();
        for (Point point : points) {
            double seconds = here ? point.here() : point.there();
            String x = Format.pixel(across.pixel(point.flops()));
            String y = Format.pixel(up.pixel(seconds));
            path.append(path.isEmpty() ? "" : " ").append(x).append(',').append(y);
            marks.add(new Mark(
                    x, y, name + ", " + Format.params(point.cell().key().params()) + ": " + Format.seconds(seconds)));
        }
        return new Line(name, style, path.toString(), marks);
    }
}
