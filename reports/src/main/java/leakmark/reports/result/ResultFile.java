package leakmark.reports.result;

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
 */
public record ResultFile(
        String schemaVersion,
        Run run,
        Machine machine,
        List<Roof> roofs,
        List<Result> results,
        List<Example> examples) {
    /** The version written. */
    public static final String SCHEMA_VERSION = "1.0.0";

    public ResultFile {
        Values.required(schemaVersion, "schemaVersion");
        Values.required(run, "run");
        Values.required(machine, "machine");
        roofs = Values.list(roofs, "roofs");
        results = Values.list(results, "results");
        examples = Values.list(examples, "examples");
    }

    /** A file of the current version. */
    public ResultFile(Run run, Machine machine, List<Roof> roofs, List<Result> results, List<Example> examples) {
        this(SCHEMA_VERSION, run, machine, roofs, results, examples);
    }
}
