package leakmark.reports.result;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Checks and copies shared by the records: order is kept, null and non-finite numbers are refused. */
final class Values {
    private Values() {}

    static <T> T required(@Nullable T value, String name) {
        if (value == null) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return value;
    }

    static <T> List<T> list(@Nullable List<T> values, String name) {
        for (T value : required(values, name)) {
            required(value, "an entry of " + name);
        }
        return List.copyOf(required(values, name));
    }

    static <V> Map<String, V> map(@Nullable Map<String, V> values, String name) {
        Map<String, V> copy = new LinkedHashMap<>(required(values, name));
        copy.forEach((key, value) -> required(value, name + "." + key));
        return Collections.unmodifiableMap(copy);
    }

    static Map<String, Double> numbers(@Nullable Map<String, Double> values, String name) {
        Map<String, Double> copy = map(values, name);
        copy.forEach((key, value) -> finite(value, name + "." + key));
        return copy;
    }

    static double finite(double value, String name) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(name + " is " + value + ", which is no measurement; leave it out");
        }
        return value;
    }

    static double notNegative(double value, String name) {
        if (!(finite(value, name) >= 0)) {
            throw new IllegalArgumentException(name + " is " + value + ", less than 0");
        }
        return value;
    }
}
