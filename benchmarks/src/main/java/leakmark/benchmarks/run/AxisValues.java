package leakmark.benchmarks.run;

import java.util.List;
import java.util.Map;
import leakmark.attacks.model.Models;
import leakmark.benchmarks.cli.CommandFailure;
import leakmark.benchmarks.cli.ExitCode;
import leakmark.kernels.KernelProviders;

/** Checks the values of {@code -p} before the expensive work. */
final class AxisValues {
    private static final List<String> WHOLE =
            List.of("batchSize", "sequenceLength", "hiddenSize", "vocabularySize", "rank");

    private AxisValues() {}

    static void check(Map<String, List<String>> asked) {
        for (String axis : WHOLE) {
            for (String value : asked.getOrDefault(axis, List.of())) {
                if (!value.matches("[1-9][0-9]{0,8}")) {
                    throw new CommandFailure(
                            ExitCode.USAGE, "-p " + axis + "=" + value + ": not a positive whole number");
                }
            }
        }
        for (String provider : asked.getOrDefault("provider", List.of())) {
            if (!provider.equals(Plan.PUBLISHED)) {
                try {
                    if (KernelProviders.byName(provider).isImitation()) {
                        throw new CommandFailure(
                                ExitCode.UNFIT,
                                "provider '" + provider
                                        + "' runs on the tests' stand-in for a GPU: its times mean nothing");
                    }
                } catch (IllegalArgumentException e) {
                    throw new CommandFailure(ExitCode.USAGE, e.getMessage() + ", published");
                }
            }
        }
        for (String model : asked.getOrDefault("model", List.of())) {
            Models.open(model, 1, 0.02);
        }
        number(asked, "weightStd");
        number(asked, "seed");
    }

    private static void number(Map<String, List<String>> asked, String axis) {
        for (String value : asked.getOrDefault(axis, List.of())) {
            try {
                Double.parseDouble(value);
            } catch (NumberFormatException e) {
                throw new CommandFailure(ExitCode.USAGE, "-p " + axis + "=" + value + ": not a number");
            }
        }
    }
}
