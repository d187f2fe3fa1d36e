package leakmark.benchmarks.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code leakmark attack}: the attacks. */
@Command(
        name = "attack",
        description =
                "Recover a client's batch from its shared gradient. Options without an attack's name are dager's.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "ATTACK",
        footerHeading = "%nExamples:%n",
        footer = {
            "  leakmark attack dager --model gpt2 --batch-size 8 --sequence-length 24",
            "  leakmark attack --gradient update.safetensors",
            "  leakmark attack dlg --model lenet --seeds 20",
        },
        subcommands = {DagerCommand.class, DlgCommand.class})
final class AttackCommand implements Runnable {
    static final String NAME = "attack";

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "which attack? " + String.join(", ", spec.subcommands().keySet()));
    }
}
