package leakmark.benchmarks.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether a person watches. The launcher knows ({@code [ -t 2 ]}) and says so by system properties; without it Linux's
 * {@code /proc} is asked. {@code System.console()} is no answer: from JDK 22 on it is there for pipes as well.
 */
public final class Terminal {
    private static final boolean OUTPUT = isTerminal("leakmark.terminal.stdout", 1);
    private static final boolean ERROR = isTerminal("leakmark.terminal.stderr", 2);

    private Terminal() {}

    /** True if standard output is a terminal. */
    public static boolean output() {
        return OUTPUT;
    }

    /** True if standard error is a terminal. */
    public static boolean error() {
        return ERROR;
    }

    private static boolean isTerminal(String property, int descriptor) {
        String told = System.getProperty(property);
        if (told != null) {
            return Boolean.parseBoolean(told);
        }
        try {
            String device = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty");
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }
}
