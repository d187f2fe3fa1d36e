package leakmark.benchmarks.study;

import leakmark.reports.claims.ClaimSheet.Cell;
import leakmark.reports.result.Gallery;
import leakmark.reports.result.Observation;
import org.jspecify.annotations.Nullable;

/** Measures one setting of a claim's plan. */
interface Study {
    /**
     * What was measured.
     *
     * @param observation value by value
     * @param gallery recovered images, if there are any to show
     */
    record Outcome(Observation observation, @Nullable Gallery gallery) {}

    /**
     * Measures one cell.
     *
     * @throws leakmark.attacks.AttackException if the setting is not one that this study knows
     */
    Outcome measure(Cell cell);
}
