package leakmark.reports.html;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import leakmark.reports.result.Result;
import leakmark.reports.result.Summary;
import leakmark.reports.result.Units;
import org.jspecify.annotations.Nullable;

/** Numbers and names as a reader wants them: three significant digits, SI units. */
final class Format {
    static final String NONE = "–";

    private Format() {}

    /** For example 112 ms; minutes from 10 min on. */
    static String seconds(double seconds) {
        if (seconds == 0) {
            return "0 s";
        }
        if (seconds >= 600) {
            return digits(seconds / 60) + " min";
        }
        if (seconds >= 0.9995) {
            return digits(seconds) + " s";
        }
        if (seconds >= 0.9995e-3) {
            return digits(seconds * 1e3) + " ms";
        }
        return seconds >= 0.9995e-6 ? digits(seconds * 1e6) + " µs" : digits(seconds * 1e9) + " ns";
    }

    /** Three significant digits, never in scientific notation up to 10¹². */
    static String digits(double value) {
        double size = Math.abs(value);
        if (size >= 1e12 || (size > 0 && size < 1e-4)) {
            return String.format(Locale.ROOT, "%.2e", value);
        }
        if (size >= 99.95) {
            return String.format(Locale.ROOT, "%,.0f", value).replace(',', '\u202f');
        }
        return String.format(Locale.ROOT, size >= 9.995 ? "%.1f" : size >= 0.9995 ? "%.2f" : "%.3f", value);
    }

    /** A position in a drawing, to a tenth of a pixel. */
    static String pixel(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    static String fixed(double value, int decimals) {
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    static String percent(double fraction) {
        return String.format(Locale.ROOT, fraction < 0.0995 ? "%.1f %%" : "%.0f %%", fraction * 100);
    }

    static String quality(Result result, String name) {
        Double value = result.quality().get(name);
        return value == null ? NONE : fixed(value, 3);
    }

    /** Exact sequences of all sequences, such as 7/8, or the rate where the counts are unknown. */
    static String recovery(Result result) {
        Double exact = result.quality().get(Result.EXACT_SEQUENCES);
        Double all = result.quality().get(Result.SEQUENCES);
        if (exact != null && all != null) {
            return Math.round(exact) + "/" + Math.round(all);
        }
        Double rate = result.quality()
                .getOrDefault(Result.EXACT_RATE, result.quality().get(Result.SUCCESS_RATE));
        return rate == null ? NONE : percent(rate);
    }

    /** A score: a time in SI units, or a rate in its own unit. */
    static String score(Result result) {
        Summary summary = result.summary();
        if (summary == null) {
            return result.status().name();
        }
        return value(result, summary.score());
    }

    /** Half width of the interval, as a share of the score. */
    static String error(Result result) {
        Summary summary = result.summary();
        if (summary == null) {
            return NONE;
        }
        Double error = summary.error();
        return error == null || summary.score() == 0 ? NONE : "± " + percent(error / Math.abs(summary.score()));
    }

    static String value(Result result, double value) {
        OptionalDouble unit = Units.seconds(result.metric().unit());
        return unit.isPresent()
                ? seconds(value * unit.getAsDouble())
                : digits(value) + " " + result.metric().unit();
    }

    /** For example {@code batchSize 8, sequenceLength 24}. */
    static String params(Map<String, String> params) {
        return params.entrySet().stream()
                .map(param -> param.getKey() + " " + param.getValue())
                .collect(Collectors.joining(", "));
    }

    static String join(Collection<String> values) {
        return String.join("; ", values);
    }

    /** A command as one can paste it into a shell. */
    static String command(List<String> argv) {
        return "./leakmark "
                + argv.stream()
                        .map(word -> word.matches("[\\w@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'")
                        .collect(Collectors.joining(" "));
    }

    /** All values, forks separated by a bar. */
    static String rounds(List<List<Double>> rounds) {
        return rounds.stream()
                .map(round -> round.stream().map(Format::digits).collect(Collectors.joining(" ")))
                .collect(Collectors.joining(" | "));
    }

    static String orNone(@Nullable String value) {
        return value == null || value.isEmpty() ? NONE : value;
    }
}
