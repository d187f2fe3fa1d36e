package leakmark.benchmarks.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import leakmark.attacks.AttackException;
import org.jspecify.annotations.Nullable;

/** Attacks on batches of several seeds: what one batch shows may be luck. Each seed draws weights, sentences and labels. */
final class DagerSeeds {
    private final PrintWriter people;
    private final List<Map<String, @Nullable Object>> runs = new ArrayList<>();
    private final List<Double> seconds = new ArrayList<>();
    private int sequences;
    private int exact;
    private int certified;
    private int wrong;
    private int refused;

    DagerSeeds(PrintWriter people) {
        this.people = people;
    }

    /** An attack's outcome; its truth is known. */
    void add(long seed, DagerOutcome outcome) {
        runs.add(outcome.json());
        seconds.add(outcome.attack().seconds());
        sequences += outcome.sequences();
        exact += outcome.exactSequences();
        certified += outcome.certifiedSequences();
        wrong += outcome.result().sequences().size() - outcome.exactSequences();
        line(seed, outcome.summary());
    }

    /** A batch the attack gave up on: none of its sequences is recovered. */
    void add(long seed, int lost, AttackException failure) {
        Map<String, @Nullable Object> run = new LinkedHashMap<>();
        run.put("seed", seed);
        run.put("sequences", lost);
        run.put("exactSequences", 0);
        run.put("certified", 0);
        run.put("refused", failure.getMessage());
        runs.add(run);
        sequences += lost;
        refused++;
        line(seed, "refused: " + failure.getMessage());
    }

    private void line(long seed, String text) {
        people.println("seed " + seed + ": " + text);
        people.flush();
    }

    /** The means, for people. */
    void print() {
        people.println(String.format(
                Locale.ROOT,
                "%d seeds: %d/%d sequences exact (%.1f %%), %d certified, %d wrong, median %.2f s%s",
                runs.size(),
                exact,
                sequences,
                100.0 * exact / sequences,
                certified,
                wrong,
                medianSeconds(),
                refused == 0 ? "" : ", " + refused + " refused"));
        people.flush();
    }

    /** The means and every seed's result, for machines. */
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("attack", DagerCommand.NAME);
        json.put("seeds", runs.size());
        json.put("sequences", sequences);
        json.put("exactSequences", exact);
        json.put("certified", certified);
        json.put("wrong", wrong);
        json.put("refused", refused);
        json.put("medianSeconds", medianSeconds());
        json.put("runs", runs);
        return json;
    }

    /** The gate: every sequence of every seed must be exact. */
    ExitCode exitCode() {
        return exact == sequences ? ExitCode.FINE : ExitCode.GATE_FAILED;
    }

    private double medianSeconds() {
        double[] sorted =
                seconds.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted.length == 0 ? Double.NaN : (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }
}
