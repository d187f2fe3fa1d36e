package leakmark.reports.claims;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import leakmark.reports.claims.Check.Finding;
import leakmark.reports.result.Claim;
import leakmark.reports.result.Claim.Figure;
import leakmark.reports.result.Claim.Verdict;
import leakmark.reports.result.ResultFile;
import org.jspecify.annotations.Nullable;

/**
 * One claim as a file states it.
 *
 * @param id such as L01
 * @param claim what is claimed, in our words
 * @param source who claims it and where
 * @param known how that is known here: read in the paper, in its code, from a secondary source, or by arithmetic on these
 * @param reported figures from memory: shown, never judged
 * @param scale how the check differs from the claim's own setting
 * @param plan what to measure
 * @param checks when the measurement supports or refutes it
 * @param notTestable why nothing here can check it; null if something can
 */
public record ClaimSheet(
        String id,
        String claim,
        String source,
        String known,
        List<String> reported,
        String scale,
        List<Map<String, String>> plan,
        List<Check> checks,
        @Nullable String notTestable) {
    private static final String STUDY = "study";
    private static final String VARIANT = "variant";
    private static final String ONLY = "only";
    private static final String FULL = "full";

    public ClaimSheet {
        for (String text : new String[] {id, claim, source, known, scale}) {
            if (text == null || text.isBlank()) {
                throw new IllegalArgumentException("claim " + id + " lacks one of id, claim, source, known, scale");
            }
        }
        reported = List.copyOf(reported);
        plan = List.copyOf(plan);
        checks = List.copyOf(checks);
        if ((notTestable == null) == checks.isEmpty() || plan.isEmpty() != checks.isEmpty()) {
            throw new IllegalArgumentException(
                    "claim " + id + " needs a plan and checks, or the reason why it has none");
        }
        if (notTestable == null && checks.stream().noneMatch(Check::decides)) {
            throw new IllegalArgumentException("claim " + id + " has no check that decides");
        }
    }

    /**
     * One setting to measure.
     *
     * @param study which study
     * @param variant attack or algorithm
     * @param params its setting
     */
    public record Cell(String study, String variant, Map<String, String> params) {}

    /** The settings to measure; lists separated by {@code |} are spread out. */
    public List<Cell> cells(boolean full) {
        Set<Cell> cells = new LinkedHashSet<>();
        for (Map<String, String> row : plan) {
            if (full || !FULL.equals(row.get(ONLY))) {
                spread(row).forEach(setting -> {
                    Map<String, String> params = new LinkedHashMap<>(setting);
                    params.keySet().removeAll(Set.of(STUDY, VARIANT, ONLY));
                    cells.add(new Cell(setting.getOrDefault(STUDY, ""), setting.getOrDefault(VARIANT, ""), params));
                });
            }
        }
        return List.copyOf(cells);
    }

    private static List<Map<String, String>> spread(Map<String, String> row) {
        List<Map<String, String>> settings = List.of(Map.of());
        for (Map.Entry<String, String> entry : row.entrySet()) {
            List<Map<String, String>> longer = new ArrayList<>();
            for (Map<String, String> setting : settings) {
                for (String value : entry.getValue().split("\\|")) {
                    Map<String, String> extended = new LinkedHashMap<>(setting);
                    extended.put(entry.getKey(), value);
                    longer.add(extended);
                }
            }
            settings = longer;
        }
        return settings;
    }

    /** What a file's measurements say: the deciding checks' worst, refuted before open before supported. */
    public Claim judge(ResultFile file) {
        if (notTestable != null) {
            return claim("not measured: " + notTestable, Verdict.NOT_TESTABLE_HERE, List.of());
        }
        List<Series> measured = Series.of(file);
        List<String> texts = new ArrayList<>();
        List<Figure> figures = new ArrayList<>();
        Set<Verdict> verdicts = new LinkedHashSet<>();
        for (Check check : checks) {
            Finding finding = check.judge(measured);
            texts.add(finding.text() + (check.decides() ? "" : " (beside)"));
            figures.addAll(finding.figures());
            if (check.decides()) {
                verdicts.add(finding.verdict());
            }
        }
        return claim(String.join("; ", texts), worst(verdicts), figures);
    }

    /** A refutation stands whatever else is missing; support needs every deciding check. */
    private static Verdict worst(Set<Verdict> verdicts) {
        for (Verdict verdict : List.of(Verdict.REFUTED, Verdict.NOT_TESTABLE_HERE, Verdict.INCONCLUSIVE)) {
            if (verdicts.contains(verdict)) {
                return verdict == Verdict.NOT_TESTABLE_HERE && verdicts.size() > 1 ? Verdict.INCONCLUSIVE : verdict;
            }
        }
        return Verdict.SUPPORTED;
    }

    private Claim claim(String measured, Verdict verdict, List<Figure> figures) {
        return new Claim(id, claim, source + " (" + known + ")", reported, scale, measured, verdict, figures);
    }
}
