package leakmark.benchmarks.gpu;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What NVIDIA's profiler {@code ncu --csv} says: one line per launch and metric, with the columns {@code Kernel Name, Metric
 * Name, Metric Unit, Metric Value} among others.
 *
 * @param launches in their order
 */
public record NcuReport(List<Launch> launches) {
    /** What is asked of it; these exist from Volta to Blackwell. */
    public static final List<String> METRICS = List.of(
            "gpu__time_duration.sum",
            "dram__bytes.sum",
            "dram__throughput.avg.pct_of_peak_sustained_elapsed",
            "sm__throughput.avg.pct_of_peak_sustained_elapsed",
            "sm__warps_active.avg.pct_of_peak_sustained_active",
            "launch__registers_per_thread");

    /**
     * One launch.
     *
     * @param kernel its name
     * @param metrics value with unit, by name
     */
    public record Launch(String kernel, Map<String, String> metrics) {}

    /**
     * Reads its output; lines before the table are its own messages.
     *
     * @throws IllegalArgumentException if there is no table, with its last message
     */
    public static NcuReport parse(String output) {
        List<String> lines = output.lines().toList();
        int head = 0;
        while (head < lines.size() && !lines.get(head).startsWith("\"ID\"")) {
            head++;
        }
        if (head == lines.size()) {
            String last = lines.stream()
                    .filter(line -> line.startsWith("==ERROR=="))
                    .reduce((first, second) -> second)
                    .orElse("it wrote no table");
            throw new IllegalArgumentException("ncu: " + last.replaceFirst("^==ERROR==\\s*", ""));
        }
        List<String> columns = fields(lines.get(head));
        Map<String, Launch> launches = new LinkedHashMap<>();
        for (String line : lines.subList(head + 1, lines.size())) {
            List<String> values = fields(line);
            if (values.size() == columns.size()) {
                String id = values.get(column(columns, "ID"));
                String kernel = values.get(column(columns, "Kernel Name"));
                String unit = values.get(column(columns, "Metric Unit"));
                String value = values.get(column(columns, "Metric Value")).replace(",", "");
                launches.computeIfAbsent(id, any -> new Launch(kernel, new LinkedHashMap<>()))
                        .metrics()
                        .put(values.get(column(columns, "Metric Name")), unit.isEmpty() ? value : value + " " + unit);
            }
        }
        return new NcuReport(List.copyOf(launches.values()));
    }

    private static int column(List<String> columns, String name) {
        int at = columns.indexOf(name);
        if (at < 0) {
            throw new IllegalArgumentException("ncu: its table has no column '" + name + "': " + columns);
        }
        return at;
    }

    /** Fields of a line, all of them quoted, with quotes inside doubled. */
    private static List<String> fields(String line) {
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '"' && quoted && i + 1 < line.length() && line.charAt(i + 1) == '"') {
                field.append('"');
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        fields.add(field.toString());
        return fields;
    }
}
