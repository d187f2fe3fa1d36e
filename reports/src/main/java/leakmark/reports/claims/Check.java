package leakmark.reports.claims;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import leakmark.reports.result.Claim.Figure;
import leakmark.reports.result.Claim.Verdict;
import leakmark.reports.statistics.ScalingFit;
import org.jspecify.annotations.Nullable;

/** A predicate on measurements. Its selector {@code of} is explained at {@link Series#fits}. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Check.Every.class, name = "every"),
    @JsonSubTypes.Type(value = Check.Mean.class, name = "mean"),
    @JsonSubTypes.Type(value = Check.Ratio.class, name = "ratio"),
    @JsonSubTypes.Type(value = Check.Exponent.class, name = "exponent"),
    @JsonSubTypes.Type(value = Check.Reach.class, name = "reach"),
})
sealed interface Check {
    /** What one check came to. */
    record Finding(Verdict verdict, String text, List<Figure> figures) {
        public Finding {
            figures = List.copyOf(figures);
        }

        static Finding missing(String text) {
            return new Finding(Verdict.NOT_TESTABLE_HERE, text, List.of());
        }
    }

    /** What is checked, for people. */
    String says();

    /** True if it is shown beside the verdict, and does not decide it; null is false. */
    @Nullable
    Boolean beside();

    default boolean decides() {
        return !Boolean.TRUE.equals(beside());
    }

    /** Judges what was measured. */
    Finding judge(List<Series> measured);

    private static List<Series> select(List<Series> measured, Map<String, String> of, String measure) {
        return measured.stream()
                .filter(series -> series.fits(of) && !series.measure(measure).isEmpty())
                .toList();
    }

    private static List<String> titles(List<Series> chosen) {
        return chosen.stream().map(Series::title).toList();
    }

    /** An interval judged against bounds; a bound that is null does not bound. */
    private static Finding finding(
            String says, Interval interval, @Nullable Double atLeast, @Nullable Double atMost, List<Series> from) {
        boolean known = Double.isFinite(interval.low()) && Double.isFinite(interval.high());
        Figure figure = new Figure(
                says,
                interval.value(),
                known ? interval.low() : null,
                known ? interval.high() : null,
                interval.n(),
                titles(from));
        return new Finding(interval.against(atLeast, atMost), text(says, figure), List.of(figure));
    }

    private static String text(String says, Figure figure) {
        String ends = figure.low() == null || figure.high() == null
                ? "no interval"
                : String.format(Locale.ROOT, "%.3g to %.3g", figure.low(), figure.high());
        return String.format(Locale.ROOT, "%s: %.3g (%s, n = %d)", says, figure.value(), ends, figure.n());
    }

    /**
     * Every single value lies within the bounds: for what is claimed to hold always. One value outside refutes it; fewer
     * than {@link Interval#AGREEING} values leave it open.
     */
    record Every(
            Map<String, String> of,
            String measure,
            @Nullable Double atLeast,
            @Nullable Double atMost,
            String says,
            @Nullable Boolean beside)
            implements Check {
        @Override
        public Finding judge(List<Series> measured) {
            List<Series> chosen = select(measured, of, measure);
            if (chosen.isEmpty()) {
                return Finding.missing(says + ": nothing was measured");
            }
            List<Double> values = chosen.stream()
                    .flatMap(series -> series.measure(measure).stream())
                    .toList();
            long within = values.stream()
                    .filter(value -> (atLeast == null || value >= atLeast) && (atMost == null || value <= atMost))
                    .count();
            double low = values.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
            double high = values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
            Figure figure = new Figure(
                    says + ", share", (double) within / values.size(), null, null, values.size(), titles(chosen));
            return new Finding(
                    within < values.size()
                            ? Verdict.REFUTED
                            : values.size() < Interval.AGREEING ? Verdict.INCONCLUSIVE : Verdict.SUPPORTED,
                    String.format(Locale.ROOT, "%s: %d of %d (%.3g to %.3g)", says, within, values.size(), low, high),
                    List.of(figure));
        }
    }

    /** The mean's interval lies within the bounds; every value of every selected setting is one replication. */
    record Mean(
            Map<String, String> of,
            String measure,
            @Nullable Double atLeast,
            @Nullable Double atMost,
            String says,
            @Nullable Boolean beside)
            implements Check {
        @Override
        public Finding judge(List<Series> measured) {
            List<Series> chosen = select(measured, of, measure);
            if (chosen.isEmpty()) {
                return Finding.missing(says + ": nothing was measured");
            }
            Interval interval = Interval.ofMean(chosen.stream()
                    .flatMap(series -> series.measure(measure).stream())
                    .toList());
            return finding(says, interval, atLeast, atMost, chosen);
        }
    }

    /**
     * The ratio {@code of / over} of a positive measure. Settings with equal parameters and numbers of values are pairs;
     * the interval is Student's on the logarithms of all pairs.
     */
    record Ratio(
            Map<String, String> of,
            Map<String, String> over,
            String measure,
            @Nullable Double atLeast,
            @Nullable Double atMost,
            String says,
            @Nullable Boolean beside)
            implements Check {
        @Override
        public Finding judge(List<Series> measured) {
            List<Series> used = new ArrayList<>();
            List<Double> logarithms = new ArrayList<>();
            for (Series above : select(measured, of, measure)) {
                for (Series below : select(measured, over, measure)) {
                    List<Double> a = above.measure(measure);
                    List<Double> b = below.measure(measure);
                    if (above.params().equals(below.params()) && a.size() == b.size()) {
                        used.add(above);
                        used.add(below);
                        for (int i = 0; i < a.size(); i++) {
                            logarithms.add(Math.log(a.get(i) / b.get(i)));
                        }
                    }
                }
            }
            if (logarithms.isEmpty() || !logarithms.stream().allMatch(Double::isFinite)) {
                return Finding.missing(says + ": nothing was measured under equal settings");
            }
            return finding(says, Interval.ofMean(logarithms).exponential(), atLeast, atMost, used);
        }
    }

    /**
     * The exponent of a positive measure against one axis, fitted together with the others ({@code axes}, at most two);
     * every replication is a point.
     */
    record Exponent(
            Map<String, String> of,
            String measure,
            String axis,
            List<String> axes,
            @Nullable Double atLeast,
            @Nullable Double atMost,
            String says,
            @Nullable Boolean beside)
            implements Check {
        @Override
        public Finding judge(List<Series> measured) {
            List<Series> chosen = select(measured, of, measure).stream()
                    .filter(series -> series.measure(measure).stream().allMatch(value -> value > 0)
                            && axes.stream().allMatch(name -> series.axis(name) > 0))
                    .toList();
            if (chosen.isEmpty()) {
                return Finding.missing(says + ": nothing was measured");
            }
            List<ScalingFit.Cell> points = chosen.stream()
                    .flatMap(series -> series.measure(measure).stream()
                            .map(value -> new ScalingFit.Cell(
                                    axes.stream().map(series::axis).toList(), value)))
                    .toList();
            ScalingFit fit = ScalingFit.of(axes, points);
            if (!(fit instanceof ScalingFit.Fitted fitted)) {
                return new Finding(
                        Verdict.INCONCLUSIVE, says + ": " + ((ScalingFit.NotFitted) fit).reason(), List.of());
            }
            ScalingFit.Exponent exponent = fitted.exponents().stream()
                    .filter(candidate -> candidate.axis().equals(axis))
                    .findFirst()
                    .orElseThrow();
            Interval interval = new Interval(exponent.value(), exponent.low(), exponent.high(), points.size());
            return finding(says, interval, atLeast, atMost, chosen);
        }
    }

    /**
     * The largest value of an axis at which a measure's mean reaches a threshold, {@code of} against {@code over}. Where
     * {@code of} still reaches it at the largest value tried, its limit is beyond: too small a ratio is then inconclusive.
     */
    record Reach(
            Map<String, String> of,
            Map<String, String> over,
            String measure,
            String axis,
            double threshold,
            double atLeast,
            String says,
            @Nullable Boolean beside)
            implements Check {
        @Override
        public Finding judge(List<Series> measured) {
            Map<Double, List<Series>> above = byAxis(select(measured, of, measure));
            Map<Double, List<Series>> below = byAxis(select(measured, over, measure));
            if (above.isEmpty() || below.isEmpty()) {
                return Finding.missing(says + ": nothing was measured");
            }
            double tried = above.keySet().stream().mapToDouble(x -> x).max().orElseThrow();
            double ours = reach(above);
            double others = reach(below);
            // Where the others recover nothing, their reach is below the smallest value tried.
            double ratio = ours
                    / (others > 0
                            ? others
                            : below.keySet().stream().mapToDouble(x -> x).min().orElseThrow());
            List<Series> used = new ArrayList<>();
            above.values().forEach(used::addAll);
            below.values().forEach(used::addAll);
            Verdict verdict = ratio >= atLeast
                    ? Verdict.SUPPORTED
                    : ours == tried || others == 0 ? Verdict.INCONCLUSIVE : Verdict.REFUTED;
            return new Finding(
                    verdict,
                    String.format(
                            Locale.ROOT,
                            "%s: up to %s %.0f against %.0f, tried up to %.0f",
                            says,
                            axis,
                            ours,
                            others,
                            tried),
                    List.of(new Figure(says, ratio, null, null, used.size(), titles(used))));
        }

        private double reach(Map<Double, List<Series>> byAxis) {
            return byAxis.entrySet().stream()
                    .filter(entry -> entry.getValue().stream().allMatch(series -> series.mean(measure) >= threshold))
                    .mapToDouble(Map.Entry::getKey)
                    .max()
                    .orElse(0);
        }

        private Map<Double, List<Series>> byAxis(List<Series> chosen) {
            Map<Double, List<Series>> byAxis = new LinkedHashMap<>();
            for (Series series : chosen) {
                if (series.axis(axis) > 0) {
                    byAxis.computeIfAbsent(series.axis(axis), x -> new ArrayList<>())
                            .add(series);
                }
            }
            return byAxis;
        }
    }
}
