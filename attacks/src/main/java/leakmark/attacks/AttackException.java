package leakmark.attacks;

/** An input an attack cannot work with, said in one line for the user: what is wrong, and what to do. */
public final class AttackException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public AttackException(String message) {
        super(message);
    }

    public AttackException(String message, Throwable cause) {
        super(message, cause);
    }
}
