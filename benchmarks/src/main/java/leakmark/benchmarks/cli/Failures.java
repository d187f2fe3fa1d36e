package leakmark.benchmarks.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import java.util.Locale;
import leakmark.attacks.AttackException;
import leakmark.kernels.cuda.CudaError;
import leakmark.reports.result.ResultFileException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns whatever went wrong into one line on stderr and an exit code. */
final class Failures {
    static final String STACKTRACE = "leakmark.stacktrace";

    private Failures() {}

    /** Says it, and gives the exit status. */
    static int report(Throwable failure, CommandLine command) {
        command.getErr().println("leakmark: " + oneLine(message(failure)));
        if (Boolean.getBoolean(STACKTRACE)) {
            failure.printStackTrace(command.getErr());
        }
        command.getErr().flush();
        return code(failure).status();
    }

    private static ExitCode code(Throwable failure) {
        if (failure instanceof CommandFailure known) {
            return known.code();
        }
        boolean usersOwn = failure instanceof ParameterException
                || failure instanceof AttackException
                || failure instanceof ResultFileException
                || failure instanceof IOException
                || failure instanceof UncheckedIOException;
        return usersOwn && !isMemory(failure) ? ExitCode.USAGE : ExitCode.UNFIT;
    }

    private static String message(Throwable failure) {
        if (isMemory(failure)) {
            return "not enough memory (the heap may grow to "
                    + (Runtime.getRuntime().maxMemory() >> 20)
                    + " MiB); try a smaller batch or model, or LEAKMARK_JAVA_OPTS=-Xmx8g on a machine that has it";
        }
        if (failure instanceof ParameterException wrong) {
            return wrong.getMessage() + suggestion(wrong) + "; see "
                    + wrong.getCommandLine().getCommandSpec().qualifiedName() + " --help";
        }
        if (failure instanceof UncheckedIOException unchecked && unchecked.getCause() != null) {
            return describe(unchecked.getCause());
        }
        if (failure instanceof IOException io) {
            return describe(io);
        }
        if (failure instanceof CommandFailure
                || failure instanceof CudaError
                || failure instanceof AttackException
                || failure instanceof ResultFileException) {
            return String.valueOf(failure.getMessage());
        }
        return "unexpected " + failure + "; run again with --stacktrace and report it";
    }

    /** A file system's exceptions often say nothing but the path. */
    static String describe(IOException failure) {
        String message = String.valueOf(failure.getMessage());
        if (failure instanceof FileSystemException system && system.getReason() == null) {
            return message + ": " + kind(system);
        }
        return message;
    }

    private static String kind(FileSystemException failure) {
        if (failure instanceof NoSuchFileException) {
            return "no such file or folder";
        }
        if (failure instanceof AccessDeniedException) {
            return "access denied";
        }
        if (failure instanceof NotDirectoryException) {
            return "not a folder";
        }
        if (failure instanceof FileAlreadyExistsException) {
            return "is there already";
        }
        return failure.getClass().getSimpleName();
    }

    private static String suggestion(ParameterException wrong) {
        List<String> suggestions =
                wrong instanceof UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.of();
        return suggestions.isEmpty() ? "" : "; did you mean " + String.join(" or ", suggestions) + "?";
    }

    /** The JVM's own, or PyTorch's, which comes as an exception of its engine. */
    private static boolean isMemory(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
            if (cause instanceof OutOfMemoryError
                    || message.contains("can't allocate memory")
                    || message.contains("not enough memory: you tried to allocate")) {
                return true;
            }
        }
        return false;
    }

    private static String oneLine(@Nullable String text) {
        return String.valueOf(text).strip().replaceAll("\\s*[\\r\\n]+\\s*", " ").replaceAll("\\p{Cntrl}", "?");
    }
}
