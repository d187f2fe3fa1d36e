package leakmark.attacks.published;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import leakmark.attacks.AttackException;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.ParameterNames;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import leakmark.attacks.published.PublishedDager.Settings;
import org.junit.jupiter.api.Test;

class PublishedDagerTest {
    private static final PublicModel MODEL = RandomModel.of(RandomModel.tiny(), 1);

    private static final TokenBatch BATCH = batch(
            MODEL.configuration(),
            "the train to the coast was late again",
            "the children of the village sang",
            "again the rain fell on the old roof",
            "a letter for the teacher");

    static TokenBatch batch(ModelConfiguration configuration, String... sentences) {
        List<int[]> sequences = Arrays.stream(sentences)
                .map(sentence -> Arrays.stream(sentence.split(" "))
                        .mapToInt(word -> Math.floorMod(word.hashCode(), configuration.vocabularySize()))
                        .toArray())
                .toList();
        int[] labels = new int[sentences.length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = i % 2;
        }
        return new TokenBatch(sequences, new int[sentences.length], labels);
    }

    private static Reconstruction attack(Settings settings, PublicModel model, SharedGradient gradient) {
        try (PublishedDager attack = new PublishedDager(settings)) {
            return attack.reconstruct(model, gradient);
        }
    }

    private static Set<List<Integer>> sequences(Reconstruction reconstruction) {
        return reconstruction.sequences().stream()
                .map(sequence -> Arrays.stream(sequence.tokens()).boxed().toList())
                .collect(Collectors.toSet());
    }

    private static Set<List<Integer>> truth(int withoutLast) {
        return BATCH.sequences().stream()
                .map(ids ->
                        Arrays.stream(ids, 0, ids.length - withoutLast).boxed().toList())
                .collect(Collectors.toSet());
    }

    @Test
    void recoversEverySentenceOfAClassificationBatch() {
        SharedGradient gradient = EagerClient.gradient(MODEL, Task.CLASSIFICATION, BATCH);

        Reconstruction result = attack(Settings.defaults(), MODEL, gradient);

        assertEquals(truth(0), sequences(result));
        assertEquals(BATCH.sequences().size(), result.sequences().size());
        assertTrue(result.sequences().stream().allMatch(sequence -> sequence.offset() == 0));
        assertEquals(
                List.of("rank", "filter", "search"),
                List.copyOf(result.secondsByStage().keySet()));
        // Each distinct prefix meets every candidate of the next position: more pairs than candidates.
        assertTrue(counter(result, "pairs") > counter(result, "candidates"));
        assertEquals(0.0, counter(result, "limitReached"));
    }

    @Test
    void recoversAllButTheLastTokenOfNextTokenPrediction() {
        SharedGradient gradient = EagerClient.gradient(MODEL, Task.NEXT_TOKEN, BATCH);

        assertEquals(truth(1), sequences(attack(Settings.defaults(), MODEL, gradient)));
    }

    @Test
    void answersTheSameInOddChunks() {
        SharedGradient gradient = EagerClient.gradient(MODEL, Task.CLASSIFICATION, BATCH);
        Settings settings = new Settings(1e-6, 20, 1e-4, 1e-3, 7, 10_000_000);

        assertEquals(truth(0), sequences(attack(settings, MODEL, gradient)));
    }

    @Test
    void findsNothingInTheGradientOfAnotherModel() {
        PublicModel other = RandomModel.of(RandomModel.tiny(), 2);
        SharedGradient gradient = EagerClient.gradient(other, Task.CLASSIFICATION, BATCH);

        assertEquals(Set.of(), sequences(attack(Settings.defaults(), MODEL, gradient)));
    }

    @Test
    void servesOneModelAfterAnother() {
        PublicModel other = RandomModel.of(RandomModel.tiny(), 2);
        try (PublishedDager attack = new PublishedDager()) {
            attack.prepare(other);
            for (PublicModel model : List.of(MODEL, other, MODEL)) {
                SharedGradient gradient = EagerClient.gradient(model, Task.CLASSIFICATION, BATCH);
                assertEquals(truth(0), sequences(attack.reconstruct(model, gradient)));
            }
        }
    }

    @Test
    void stopsAtTheLimitOfCandidatesAndSaysSo() {
        SharedGradient gradient = EagerClient.gradient(MODEL, Task.CLASSIFICATION, BATCH);
        double needed = counter(attack(Settings.defaults(), MODEL, gradient), "pairs");

        Reconstruction exact = attack(limited((long) needed), MODEL, gradient);
        Reconstruction cut = attack(limited((long) needed - 1), MODEL, gradient);

        assertEquals(truth(0), sequences(exact));
        assertEquals(1.0, counter(cut, "limitReached"));
        assertTrue(counter(cut, "pairs") < needed);
        assertTrue(truth(0).containsAll(sequences(cut)));
    }

    private static double counter(Reconstruction result, String name) {
        return Objects.requireNonNull(result.counters().get(name), name);
    }

    private static Settings limited(long maxCandidates) {
        return new Settings(1e-6, 20, 1e-4, 1e-3, 64, maxCandidates);
    }

    @Test
    void refusesWhatItCannotWorkWith() {
        SharedGradient gradient = EagerClient.gradient(MODEL, Task.CLASSIFICATION, BATCH);
        String first = ParameterNames.queryKeyValue(0);
        String second = ParameterNames.queryKeyValue(1);

        assertMessage(
                "the gradient of " + second + " was not shared; the attack needs it",
                Map.of(first, gradient.get(first)));
        assertMessage(
                "the gradient of " + first + " is zero; nothing can be read from it",
                Map.of(first, Tensor.matrix(64, 192, new float[64 * 192]), second, gradient.get(second)));
        assertMessage(
                "the gradient of " + first + " is 2 x 3, the model needs 64 x 192; give the model that made it",
                Map.of(first, Tensor.matrix(2, 3, new float[6]), second, gradient.get(second)));
        float[] broken = gradient.get(second).data().clone();
        broken[100] = Float.NaN;
        assertMessage(
                "the gradient of " + second + " has a value that is not finite",
                Map.of(first, gradient.get(first), second, Tensor.matrix(64, 192, broken)));
    }

    private static void assertMessage(String message, Map<String, Tensor> tensors) {
        SharedGradient gradient = new SharedGradient(Task.CLASSIFICATION, tensors);
        AttackException thrown =
                assertThrows(AttackException.class, () -> attack(Settings.defaults(), MODEL, gradient));
        assertEquals(message, thrown.getMessage());
    }

    @Test
    void refusesModelsItCannotAttack() {
        ModelConfiguration oneLayer = new ModelConfiguration("one", 1, 64, 4, 512, 16, 256, 2, 1e-5);
        ModelConfiguration narrow = new ModelConfiguration("narrow", 2, 20, 4, 512, 16, 80, 2, 1e-5);
        try (PublishedDager attack = new PublishedDager()) {
            assertThrows(AttackException.class, () -> attack.prepare(RandomModel.of(oneLayer, 1)));
            assertThrows(AttackException.class, () -> attack.prepare(RandomModel.of(narrow, 1)));
        }
    }
}
