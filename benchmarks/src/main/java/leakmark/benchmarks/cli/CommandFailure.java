package leakmark.benchmarks.cli;

/** The end of a command: one line for the user, and the exit code. */
public final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ExitCode code;

    public CommandFailure(ExitCode code, String message) {
        super(message);
        this.code = code;
    }

    /** The exit code. */
    public ExitCode code() {
        return code;
    }
}
