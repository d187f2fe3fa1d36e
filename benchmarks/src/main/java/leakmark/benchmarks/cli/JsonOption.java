package leakmark.benchmarks.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import leakmark.reports.result.AtomicFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --json}: the result for machines, on stdout in place of the text for people, or in a file beside it. */
public final class JsonOption {
    private static final String STDOUT = "-";
    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    @Option(
            names = "--json",
            arity = "0..1",
            fallbackValue = STDOUT,
            paramLabel = "FILE",
            description = "Write the result as JSON to FILE; without FILE to stdout, instead of text.")
    private @Nullable String target;

    /**
     * Checks that the file can be written; an older one is replaced.
     *
     * @throws CommandFailure if it cannot, or is one of the command's inputs or other outputs
     */
    public void check(Collection<Path> inputs) {
        if (target != null && !target.equals(STDOUT)) {
            try {
                OutputFiles.check(Path.of(target), true, inputs);
            } catch (InvalidPathException e) {
                throw new CommandFailure(ExitCode.USAGE, "--json: " + e.getMessage());
            }
        }
    }

    /** Where text for people goes: nowhere if stdout is for JSON. */
    public PrintWriter people(PrintWriter out) {
        return STDOUT.equals(target) ? new PrintWriter(Writer.nullWriter()) : out;
    }

    /** Writes the result if it was asked for. */
    public void write(PrintWriter out, Object result) {
        if (target == null) {
            return;
        }
        try {
            String json = MAPPER.writeValueAsString(result);
            if (target.equals(STDOUT)) {
                out.println(json);
                out.flush();
            } else {
                AtomicFile.write(Path.of(target), json + "\n");
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.USAGE, target + " cannot be written: " + Failures.describe(e));
        }
    }
}
