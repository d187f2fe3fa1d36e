package leakmark.benchmarks.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import leakmark.benchmarks.bundle.Bundle;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code leakmark bundle}: Leakmark for a machine without a JDK or internet. */
@Command(
        name = "bundle",
        description =
                "Make a folder that runs Leakmark on a Linux machine without a JDK or internet: a Java runtime, the"
                        + " program without PyTorch, chosen gradients, and a run script; under 60 MiB.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        footerHeading = "%nExamples:%n",
        footer = {
            "  leakmark bundle --out leakmark-bundle --gradient update.safetensors",
            "  leakmark-bundle/run doctor"
        })
final class BundleCommand implements Callable<Integer> {
    @Option(names = "--out", required = true, paramLabel = "DIR", description = "The folder to make.")
    @SuppressWarnings("NullAway.Init")
    private Path out;

    @Option(
            names = "--gradient",
            paramLabel = "FILE",
            description = "A shared gradient to take along; may be repeated.")
    private List<Path> gradients = List.of();

    @Option(names = "--jdk", paramLabel = "DIR", description = "A JDK from 25 on. Default: one that is found.")
    private @Nullable Path jdk;

    @Option(
            names = "--compression",
            defaultValue = "xz",
            paramLabel = "NAME",
            description = "xz (about 35 MiB, both machines need xz) or gzip (about 54 MiB). Default: ${DEFAULT-VALUE}.")
    private String compression = "";

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (Files.exists(out)) {
            throw new CommandFailure(ExitCode.USAGE, out + " is there already; name another folder");
        }
        for (Path gradient : gradients) {
            if (!Files.isReadable(gradient) || Files.isDirectory(gradient)) {
                throw new CommandFailure(ExitCode.USAGE, gradient + " is no file that can be read");
            }
        }
        OutputFiles.check(out, false, gradients);
        Bundle.Compression packed = compression();
        Path from = jdk == null ? Bundle.jdk() : jdk;
        long bytes = Progress.during("bundle", () -> {
            try {
                return Bundle.make(out, from, Main.class.getName(), gradients, packed);
            } catch (IOException failure) {
                throw new CommandFailure(ExitCode.USAGE, String.valueOf(failure.getMessage()));
            }
        });
        spec.commandLine()
                .getOut()
                .printf(
                        Locale.ROOT,
                        "%s: %.1f MiB; start with %s%n",
                        out,
                        bytes / (double) (1 << 20),
                        out.resolve("run"));
        spec.commandLine().getOut().flush();
        return ExitCode.FINE.status();
    }

    private Bundle.Compression compression() {
        return switch (compression) {
            case "xz" -> Bundle.Compression.XZ;
            case "gzip" -> Bundle.Compression.GZIP;
            default ->
                throw new CommandFailure(ExitCode.USAGE, "no compression '" + compression + "'; there are xz and gzip");
        };
    }
}
