package leakmark.benchmarks.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import leakmark.benchmarks.compare.AbCommand;
import leakmark.benchmarks.compare.CompareCommand;
import leakmark.benchmarks.compare.SelfTestCommand;
import leakmark.benchmarks.run.ClaimsCommand;
import leakmark.benchmarks.run.DefencesCommand;
import leakmark.benchmarks.run.EncodersCommand;
import leakmark.benchmarks.run.HistoryCommand;
import leakmark.benchmarks.run.LatencyCommand;
import leakmark.benchmarks.run.ProfileCommand;
import leakmark.benchmarks.run.RunCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command {@code leakmark}. */
@Command(
        name = "leakmark",
        description =
                "Benchmarks of gradient-inversion attacks: how fast a client's batch is recovered from its gradient.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        footerHeading = "%nExample:%n",
        footer = "  leakmark attack dager --model gpt2 --batch-size 8 --sequence-length 24",
        subcommands = {
            RunCommand.class,
            ClientCommand.class,
            TrainCommand.class,
            AttackCommand.class,
            ClaimsCommand.class,
            LatencyCommand.class,
            HistoryCommand.class,
            ReportCommand.class,
            ListCommand.class,
            DoctorCommand.class,
            ProfileCommand.class,
            BundleCommand.class,
            AbCommand.class,
            CompareCommand.class,
            SelfTestCommand.class,
            DefencesCommand.class,
            EncodersCommand.class,
        })
public final class Main implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private Main() {}

    @Option(names = "--stacktrace", scope = ScopeType.INHERIT, description = "Show where an error came from.")
    void stacktrace(boolean shown) {
        if (shown) {
            System.setProperty(Failures.STACKTRACE, "true");
        }
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "what to do? " + String.join(", ", spec.subcommands().keySet()));
    }

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] args) {
        System.exit(run(writer(FileDescriptor.out), writer(FileDescriptor.err), args));
    }

    /** Runs a command; gives its exit status. */
    static int run(PrintWriter out, PrintWriter err, String... args) {
        CommandLine command = new CommandLine(new Main())
                .setOut(out)
                .setErr(err)
                .setColorScheme(Help.defaultColorScheme(Terminal.output() ? Help.Ansi.ON : Help.Ansi.OFF))
                .setParameterExceptionHandler((wrong, line) -> Failures.report(wrong, wrong.getCommandLine()))
                .setExecutionExceptionHandler((failure, line, parsed) -> Failures.report(failure, line));
        command.getCommandSpec().usageMessage().exitCodeList(ExitCode.meanings());
        try {
            return command.execute(withAttack(args));
        } catch (OutOfMemoryError | LinkageError failure) {
            return Failures.report(failure, command);
        } finally {
            out.flush();
            err.flush();
        }
    }

    /** {@code attack --gradient FILE} is {@code attack dager --gradient FILE}. */
    private static String[] withAttack(String[] args) {
        boolean named = args.length < 2
                || !args[0].equals(AttackCommand.NAME)
                || !args[1].startsWith("-")
                || List.of("-h", "--help", "-V", "--version").contains(args[1]);
        if (named) {
            return args;
        }
        List<String> words = new ArrayList<>(List.of(args));
        words.add(1, DagerCommand.NAME);
        return words.toArray(String[]::new);
    }

    /** UTF-8 whatever the locale: recovered text and JSON have characters that a C locale lacks. */
    private static PrintWriter writer(FileDescriptor descriptor) {
        return new PrintWriter(new OutputStreamWriter(new FileOutputStream(descriptor), StandardCharsets.UTF_8), true);
    }

    /** The jar's version. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"leakmark " + Objects.requireNonNullElse(version, "(not from a jar)")};
        }
    }
}
