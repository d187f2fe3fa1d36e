package leakmark.reports.result;

/** A result file that cannot be read; the message is one line. */
public final class ResultFileException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ResultFileException(String message) {
        super(message);
    }
}
