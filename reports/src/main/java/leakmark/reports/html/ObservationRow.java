package leakmark.reports.html;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import leakmark.reports.result.Claim;
import leakmark.reports.result.Observation;

/**
 * An observation as a row that claims can point at.
 *
 * @param observation what was measured
 * @param anchor of its row, unique within the page
 * @param label its number
 */
record ObservationRow(Observation observation, String anchor, String label) {
    /** A link to a row. */
    record Link(String anchor, String label) {}

    static List<ObservationRow> of(List<Observation> observations) {
        List<ObservationRow> rows = new ArrayList<>();
        for (Observation observation : observations) {
            rows.add(new ObservationRow(
                    observation, "observation-" + (rows.size() + 1), Integer.toString(rows.size() + 1)));
        }
        return rows;
    }

    /** The rows a claim rests on; benchmark cells are in the table of all results. */
    static List<Link> links(Claim claim, List<Observation> observations) {
        List<String> titles = claim.evidence().stream()
                .flatMap(figure -> figure.from().stream())
                .distinct()
                .toList();
        List<Link> links = new ArrayList<>(of(observations).stream()
                .filter(row -> titles.contains(row.observation.title()))
                .map(row -> new Link(row.anchor, "no. " + row.label))
                .toList());
        if (links.size() < titles.size()) {
            links.add(new Link("results", "all results"));
        }
        return links;
    }

    int replications() {
        return observation.values().values().stream().mapToInt(List::size).max().orElse(0);
    }

    String means() {
        return observation.values().entrySet().stream()
                .map(entry -> entry.getKey() + " "
                        + Format.digits(entry.getValue().stream()
                                .mapToDouble(Double::doubleValue)
                                .average()
                                .orElse(0)))
                .collect(Collectors.joining(", "));
    }
}
