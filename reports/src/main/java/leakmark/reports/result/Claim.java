package leakmark.reports.result;

/**
 * A claim of the literature beside what was measured here.
 *
 * @param id such as L01
 * @param claim what is claimed
 * @param measured what was found, with its numbers
 * @param verdict what that says about the claim
 */
public record Claim(String id, String claim, String measured, Verdict verdict) {
    public Claim {
        Values.required(id, "claim.id");
        Values.required(claim, "claim.claim");
        Values.required(measured, "claim.measured");
        Values.required(verdict, "claim.verdict");
    }

    /** What a measurement says. */
    public enum Verdict {
        /** It was found so. */
        HOLDS,
        /** It was found otherwise. */
        REFUTED,
        /** Too little was measured to say. */
        INCONCLUSIVE,
        /** Not checked here; the source's own number. */
        REPORTED
    }
}
