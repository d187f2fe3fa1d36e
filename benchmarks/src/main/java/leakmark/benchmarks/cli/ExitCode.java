package leakmark.benchmarks.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/** What a command's exit status says. */
public enum ExitCode {
    FINE(0, "fine"),
    REGRESSION(1, "a regression, or a refuted claim"),
    USAGE(2, "wrong usage, a file that cannot be read or written, or a wrong schema"),
    INCONCLUSIVE(3, "inconclusive"),
    GATE_FAILED(4, "a correctness gate failed: not everything was recovered"),
    UNFIT(5, "the environment is unfit, or nothing was measured");

    private final int status;
    private final String meaning;

    ExitCode(int status, String meaning) {
        this.status = status;
        this.meaning = meaning;
    }

    /** The process's exit status, 0 to 5. */
    public int status() {
        return status;
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
