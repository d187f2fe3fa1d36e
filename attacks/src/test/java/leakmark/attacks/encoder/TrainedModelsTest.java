package leakmark.attacks.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.Task;
import leakmark.attacks.metrics.RecoveryScore;
import leakmark.attacks.model.HuggingFaceDirectory;
import leakmark.attacks.model.PublicModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models with real attention, made by {@code leakmark train} (README beside them), on text they were not trained on. */
class TrainedModelsTest {
    private static final Path MODELS = Path.of("src", "test", "resources", "leakmark", "models");

    private static final List<String> UNSEEN = List.of(
            "The ferry was full, so we walked back along the canal.",
            "Her uncle had kept bees before the war and never spoke of it.",
            "Nobody in the office could find the keys to the archive.",
            "When the lamp went out, the children began to count aloud.",
            "A letter from the bank lay unopened under the fruit bowl.",
            "They sold the tractor and bought two goats and a piano.",
            "He answered every question with a story about his boat.",
            "On Mondays the library smelled of wet coats and glue.",
            "The doctor asked for silence, then for a glass of water.",
            "Snow had closed the pass, and the mail came by sledge.");

    private static PublicModel model(String name) {
        return HuggingFaceDirectory.open(MODELS.resolve(name), 1);
    }

    @ParameterizedTest
    @CsvSource({"8, 16, 1", "10, 12, 2"})
    void recoversFromATrainedEncoder(int batchSize, int sequenceLength, long seed) {
        EncoderScenario scenario =
                EncoderScenario.of(model("bert-mini"), Task.CLASSIFICATION, UNSEEN, batchSize, sequenceLength, seed);
        Reconstruction result = scenario.attacked();
        RecoveryScore score = scenario.score(result);
        assertEquals(score.sequences(), score.exactSequences(), score + " " + result.limits());
        assertEquals(score.sequences(), result.sequences().size());
        assertTrue(scenario.certified(result).certified());
    }

    @Test
    void recoversFromATrainedDecoder() {
        EncoderScenario scenario = EncoderScenario.of(model("mini"), Task.CLASSIFICATION, UNSEEN, 4, 14, 3);
        RecoveryScore score = scenario.score(scenario.attacked());
        assertEquals(score.sequences(), score.exactSequences(), score.toString());
    }
}
