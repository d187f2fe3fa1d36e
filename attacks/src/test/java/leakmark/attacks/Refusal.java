package leakmark.attacks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Objects;
import org.junit.jupiter.api.function.Executable;

/** What a user is told when an input is refused. */
public final class Refusal {
    private Refusal() {}

    /** The one line of the {@link AttackException} that this throws. */
    public static String of(Executable action) {
        String message = Objects.requireNonNull(
                assertThrows(AttackException.class, action).getMessage());
        assertEquals(1, message.lines().count(), message);
        return message;
    }
}
