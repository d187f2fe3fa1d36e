package leakmark.benchmarks.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The revision of the checkout a run was started from. */
final class GitRevision {
    private GitRevision() {}

    /** A short hash, with {@code +} for uncommitted changes; null outside a checkout or without git. */
    static @Nullable String here() {
        String hash = git("rev-parse", "--short=12", "HEAD");
        String status = git("status", "--porcelain", "--untracked-files=no");
        return hash == null || hash.isEmpty() ? null : hash + (status == null || status.isEmpty() ? "" : "+");
    }

    private static @Nullable String git(String... arguments) {
        String[] command = new String[arguments.length + 1];
        command[0] = "git";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.waitFor(5, TimeUnit.SECONDS) && process.exitValue() == 0 ? output : null;
        } catch (IOException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }
}
