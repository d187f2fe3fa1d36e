package leakmark.benchmarks.study;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import leakmark.attacks.AttackException;
import leakmark.reports.claims.ClaimSheet.Cell;
import leakmark.reports.result.Observation;

/** Reads a cell's parameters, and gathers its values. */
final class Setting {
    private final Cell cell;
    private final Map<String, List<Double>> values = new LinkedHashMap<>();
    private int replications;

    Setting(Cell cell) {
        this.cell = cell;
    }

    String variant() {
        return cell.variant();
    }

    /** A parameter. */
    String text(String name) {
        String value = cell.params().get(name);
        if (value == null) {
            throw new AttackException("study " + cell.study() + " needs the parameter " + name);
        }
        return value;
    }

    String text(String name, String otherwise) {
        return cell.params().getOrDefault(name, otherwise);
    }

    /** A positive whole number. */
    int number(String name) {
        String value = text(name);
        if (!value.matches("[1-9]\\d{0,8}")) {
            throw new AttackException(
                    "study " + cell.study() + ": " + name + " is '" + value + "', which is no positive whole number");
        }
        return Integer.parseInt(value);
    }

    /** The values of one replication. */
    void add(Map<String, Double> measured) {
        replications++;
        measured.forEach((name, value) -> {
            if (Double.isFinite(value)) {
                values.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
            }
        });
    }

    /** What was gathered; a measure that some replication lacks is left out. */
    Observation observation() {
        Map<String, List<Double>> complete = new LinkedHashMap<>(values);
        complete.values().removeIf(list -> list.size() < replications);
        return new Observation(cell.study(), cell.variant(), cell.params(), complete);
    }
}
