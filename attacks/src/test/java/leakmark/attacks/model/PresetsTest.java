package leakmark.attacks.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import leakmark.attacks.AttackException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PresetsTest {
    /** Published sizes: GPT-2 has 124,439,808 parameters, GPT-2 medium 354,823,168, without a classifier. */
    @ParameterizedTest
    @CsvSource({"gpt2, 124439808, 768, 64", "gpt2-medium, 354823168, 1024, 64", "tiny, 136960, 64, 16"})
    void haveTheirPublishedSizes(String name, long parameters, int hiddenSize, int headSize) {
        ModelConfiguration configuration = Presets.configuration(name);
        assertEquals(name, configuration.name());
        assertEquals(headSize, configuration.headSize());
        long values = configuration.parameterShapes().values().stream()
                .mapToLong(shape -> Arrays.stream(shape).asLongStream().reduce(1, (a, b) -> a * b))
                .sum();
        assertEquals(parameters + 2L * hiddenSize, values);
    }

    /** BERT base has 109,482,240 parameters with its pooler; heads for two classes and masked-LM add theirs. */
    @Test
    void bertHasItsPublishedSize() {
        long values = Presets.configuration("bert-base").parameterShapes().values().stream()
                .mapToLong(shape -> Arrays.stream(shape).asLongStream().reduce(1, (a, b) -> a * b))
                .sum();
        assertEquals(109_482_240L + 2 * 768 + 2 + 768 * 768 + 3 * 768 + 30522, values);
    }

    @Test
    void anUnknownNameIsAnsweredWithTheKnownOnes() {
        assertEquals(
                List.of(
                        "tiny",
                        "small",
                        "gpt2",
                        "gpt2-medium",
                        "mini",
                        "bert-tiny",
                        "bert-mini",
                        "bert-small",
                        "bert-base"),
                Presets.names());
        AttackException thrown = assertThrows(AttackException.class, () -> Presets.configuration("gpt3"));
        assertEquals(
                "no model preset is called gpt3; there are tiny, small, gpt2, gpt2-medium, mini, bert-tiny, bert-mini, bert-small, bert-base",
                thrown.getMessage());
    }

    @Test
    void anImpossibleConfigurationIsRefused() {
        assertEquals(
                "model x: 5 heads do not divide hidden size 64",
                assertThrows(AttackException.class, () -> new ModelConfiguration("x", 2, 64, 5, 9, 9, 256, 2, 1e-5))
                        .getMessage());
        assertEquals(
                "model x: a parameter has more values than one array can hold",
                assertThrows(AttackException.class, () -> model(2, 64, 99_999_999, 1e-5))
                        .getMessage());
        // 3·d·d is beyond a long.
        assertThrows(AttackException.class, () -> model(2, 2_000_000_000, 9, 1e-5));
        assertThrows(AttackException.class, () -> model(0, 64, 9, 1e-5));
        assertThrows(AttackException.class, () -> model(2_000_000_000, 64, 9, 1e-5));
        assertThrows(AttackException.class, () -> model(2, 64, 9, Double.NaN));
    }

    private static ModelConfiguration model(int layers, int hiddenSize, int vocabularySize, double epsilon) {
        return new ModelConfiguration("x", layers, hiddenSize, 4, vocabularySize, 9, 256, 2, epsilon);
    }
}
