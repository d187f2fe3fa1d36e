package leakmark.benchmarks.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/** What a command's exit status says. */
public enum ExitCode {
    FINE("fine"),
    REGRESSION("a regression, or a refuted claim"),
    USAGE("wrong usage, a file that cannot be read or written, or a wrong schema"),
    INCONCLUSIVE("inconclusive"),
    GATE_FAILED("a correctness gate failed: not everything was recovered"),
    UNFIT("the environment is unfit, or nothing was measured");

    private final String meaning;

    ExitCode(String meaning) {
        this.meaning = meaning;
    }

    /** The process's exit status, 0 to 5. */
    public int status() {
        return ordinal();
    }

    /** One phrase for people. */
    public String meaning() {
        return meaning;
    }

    static Map<String, String> meanings() {
        Map<String, String> meanings = new LinkedHashMap<>();
        for (ExitCode code : values()) {
            meanings.put(Integer.toString(code.status()), code.meaning());
        }
        return meanings;
    }
}
