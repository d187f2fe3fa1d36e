package leakmark.reports.result;

import com.fasterxml.jackson.annotation.JsonAlias;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A claim of the literature beside what was measured here.
 *
 * @param id such as L01
 * @param claim what is claimed
 * @param source who claims it, and how it is known here
 * @param reported figures nobody here has verified: shown, never judged
 * @param scale how the check differs from the claim's own setting
 * @param measured what was found, with its numbers
 * @param verdict what that says about the claim
 * @param evidence the numbers the verdict rests on
 */
public record Claim(
        String id,
        String claim,
        String source,
        List<String> reported,
        String scale,
        String measured,
        Verdict verdict,
        List<Figure> evidence) {
    public Claim {
        Values.required(id, "claim.id");
        Values.required(claim, "claim.claim");
        Values.required(source, "claim.source");
        reported = Values.list(reported, "claim.reported");
        Values.required(scale, "claim.scale");
        Values.required(measured, "claim.measured");
        Values.required(verdict, "claim.verdict");
        evidence = Values.list(evidence, "claim.evidence");
    }

    /** What a measurement says. */
    public enum Verdict {
        /** The interval lies wholly within what is claimed. */
        @JsonAlias("HOLDS")
        SUPPORTED,
        /** The interval lies wholly outside. */
        REFUTED,
        /** Too little was measured to say. */
        INCONCLUSIVE,
        /** Nothing here can check it, or nothing did; the text says why. */
        @JsonAlias("REPORTED")
        NOT_TESTABLE_HERE
    }

    /**
     * A number with its 95 % interval.
     *
     * @param what it is, with its unit
     * @param value estimate
     * @param low lower end; null if there is no interval
     * @param high upper end; null if there is no interval
     * @param n replications
     * @param from titles of the cells it was computed from, as the file's observations and results have them
     */
    public record Figure(
            String what,
            double value,
            @Nullable Double low,
            @Nullable Double high,
            int n,
            List<String> from) {
        public Figure {
            Values.required(what, "figure.what");
            Values.finite(value, "figure.value");
            from = Values.list(from, "figure.from");
            if ((low == null) != (high == null)) {
                throw new IllegalArgumentException("figure '" + what + "' has one end of an interval");
            }
        }
    }
}
