package leakmark.reports.result;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * Everything one run measured, on one machine.
 *
 * @param schemaVersion semantic version of the file format; readers refuse an unknown major
 * @param run how it was started
 * @param machine where it ran
 * @param roofs upper bounds measured in the same run
 * @param results one entry for each cell
 * @param examples recovered text beside the true text
 * @param galleries recovered images beside the true ones
 * @param claims the papers' claims beside what was measured
 * @param comparisons of two sides of the code
 * @param evidence measurements that are no cells
 */
public record ResultFile(
        String schemaVersion,
        Run run,
        Machine machine,
        List<Roof> roofs,
        List<Result> results,
        List<Example> examples,
        List<Gallery> galleries,
        List<Claim> claims,
        List<SideComparison> comparisons,
        Evidence evidence) {
    /** The version written. 1.1 added galleries and claims, 1.2 comparisons, evidence and NOT_APPLICABLE, 1.3 predictions, 1.4 fits. */
    public static final String SCHEMA_VERSION = "1.4.0";

    public ResultFile {
        Values.required(schemaVersion, "schemaVersion");
        Values.required(run, "run");
        Values.required(machine, "machine");
        roofs = Values.list(roofs, "roofs");
        results = Values.list(results, "results");
        examples = Values.list(examples, "examples");
        galleries = Values.list(galleries, "galleries");
        claims = Values.list(claims, "claims");
        comparisons = Values.list(comparisons, "comparisons");
        Values.required(evidence, "evidence");
    }

    /** A file of the current version with results only. */
    public ResultFile(Run run, Machine machine, List<Roof> roofs, List<Result> results, List<Example> examples) {
        this(SCHEMA_VERSION, run, machine, roofs, results, examples, List.of(), List.of(), List.of(), Evidence.none());
    }

    /** How times grow with the axes. They follow from the results: a file's own are written for others, and not read. */
    @JsonProperty(access = JsonProperty.Access.READ_ONLY)
    public List<Fit> fits() {
        return Fit.of(results);
    }

    /** The same with galleries and claims. */
    public ResultFile with(List<Gallery> newGalleries, List<Claim> newClaims) {
        return new ResultFile(
                schemaVersion, run, machine, roofs, results, examples, newGalleries, newClaims, comparisons, evidence);
    }

    /** The same with comparisons. */
    public ResultFile with(List<SideComparison> newComparisons) {
        return new ResultFile(
                schemaVersion, run, machine, roofs, results, examples, galleries, claims, newComparisons, evidence);
    }

    /** The same with other evidence. */
    public ResultFile with(Evidence newEvidence) {
        return new ResultFile(
                schemaVersion, run, machine, roofs, results, examples, galleries, claims, comparisons, newEvidence);
    }
}
