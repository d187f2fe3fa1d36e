package leakmark.benchmarks.cli;

import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Collectors;
import leakmark.attacks.Task;
import leakmark.attacks.client.Padding;
import leakmark.attacks.text.TextProfile;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Enums as they are spelled on the command line. */
final class Labels {
    private Labels() {}

    private static <T> T find(T[] values, Function<T, String> label, String what, String given) {
        return Arrays.stream(values)
                .filter(value -> label.apply(value).equals(given))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("unknown " + what + " '" + given + "', there are "
                        + Arrays.stream(values).map(label).collect(Collectors.joining(", "))));
    }

    static final class TaskConverter implements ITypeConverter<Task> {
        @Override
        public Task convert(String given) {
            return find(Task.values(), Task::label, "task", given);
        }
    }

    static final class AttackerConverter implements ITypeConverter<Attacker> {
        @Override
        public Attacker convert(String given) {
            return find(Attacker.values(), Attacker::label, "attacker", given);
        }
    }

    static final class PaddingConverter implements ITypeConverter<Padding> {
        @Override
        public Padding convert(String given) {
            return find(Padding.values(), Padding::label, "padding", given);
        }
    }

    static final class ProfileConverter implements ITypeConverter<TextProfile> {
        @Override
        public TextProfile convert(String given) {
            return find(TextProfile.values(), TextProfile::label, "profile", given);
        }
    }
}
