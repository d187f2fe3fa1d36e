package leakmark.attacks.dager;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import leakmark.attacks.AttackException;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.client.Client;
import leakmark.attacks.client.Padding;
import leakmark.attacks.model.ParameterNames;
import org.junit.jupiter.api.Test;

class EmbeddingRowsTest {
    @Test
    void embeddingsThatAreTrainedTellTheirTokens() {
        Scenario scenario = Scenario.of(
                Scenario.tiny(0.02),
                Task.CLASSIFICATION,
                List.of("The kettle whistled before anyone in the house was awake."),
                1,
                12,
                Padding.RIGHT,
                1);
        EmbeddingRows attack = new EmbeddingRows();
        SharedGradient trained = new Client(Scenario.ENGINE)
                .share(scenario.model(), Task.CLASSIFICATION, scenario.truth(), Set.of(ParameterNames.TOKEN_EMBEDDING));
        assertArrayEquals(
                scenario.truth().tokens().sequences().stream()
                        .flatMapToInt(IntStream::of)
                        .distinct()
                        .sorted()
                        .toArray(),
                attack.reconstruct(scenario.model(), trained).sequences().get(0).tokens());
        assertThrows(AttackException.class, () -> attack.reconstruct(scenario.model(), scenario.gradient()));
    }
}
