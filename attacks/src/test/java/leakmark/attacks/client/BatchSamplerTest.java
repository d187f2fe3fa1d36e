package leakmark.attacks.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import leakmark.attacks.AttackException;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.text.TextFile;
import leakmark.attacks.text.TextProfile;
import leakmark.attacks.text.WordTokenizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchSamplerTest {
    private static final WordTokenizer TOKENIZER = new WordTokenizer(50257);
    private static final WordTokenizer BYTES = new WordTokenizer(256);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @Test
    void batchesAreDifferentSentencesCutAtTheLimit() {
        BatchSampler sampler = new BatchSampler(TOKENIZER, TextFile.corpus(TextProfile.ALL), 11, Padding.LEFT, 3);
        ClientBatch batch = sampler.sample(64, 1);
        Set<List<Integer>> different = new HashSet<>();
        Set<Integer> lengths = new HashSet<>();
        Set<Integer> labels = new HashSet<>();
        for (int s = 0; s < 64; s++) {
            int[] tokens = batch.tokens().sequences().get(s);
            assertArrayEquals(tokens, TOKENIZER.encode(batch.sentences().get(s)));
            assertEquals(11 - tokens.length, batch.tokens().offsets()[s]);
            different.add(Arrays.stream(tokens).boxed().toList());
            lengths.add(tokens.length);
            labels.add(batch.tokens().labels()[s]);
        }
        assertEquals(64, different.size());
        assertTrue(lengths.size() > 1, "the batch should be ragged");
        assertEquals(Set.of(0, 1, 2), labels);
    }

    @Test
    void theSeedDecides() {
        BatchSampler sampler = new BatchSampler(TOKENIZER, TextFile.corpus(TextProfile.SHORT), 20, Padding.RIGHT, 2);
        assertEquals(sampler.sample(8, 3).sentences(), sampler.sample(8, 3).sentences());
        assertNotEquals(sampler.sample(8, 3).sentences(), sampler.sample(8, 4).sentences());
        assertArrayEquals(new int[8], sampler.sample(8, 3).tokens().offsets());
    }

    @Test
    void shortAndEqualSequencesAreLeftOut() {
        List<String> sentences = List.of("ab", "abcde", "abcdf", "abcd", "xyz");
        assertEquals(2, new BatchSampler(BYTES, sentences, 4, Padding.LEFT, 2).usableSentences());
        ClientBatch batch = new BatchSampler(BYTES, sentences, 4, Padding.LEFT, 2).sample(2, 0);
        assertEquals(Set.of("abcd", "xyz"), Set.copyOf(batch.sentences()));
        int xyz = batch.sentences().indexOf("xyz");
        assertEquals(1, batch.tokens().offsets()[xyz]);
        assertEquals(0, batch.tokens().offsets()[1 - xyz]);
    }

    @Test
    void tooFewSentencesIsAnError() {
        BatchSampler sampler = new BatchSampler(BYTES, List.of("abc", "abd"), 8, Padding.RIGHT, 2);
        AttackException failure = assertThrows(AttackException.class, () -> sampler.sample(3, 0));
        assertTrue(String.valueOf(failure.getMessage()).startsWith("text has 2 usable sentences, the batch needs 3: "));
        assertThrows(AttackException.class, () -> sampler.sample(0, 0));
        assertThrows(AttackException.class, () -> new BatchSampler(BYTES, List.of(), 2, Padding.RIGHT, 2));
    }

    @Test
    void truthSurvivesItsFile() throws IOException {
        Path file = directory.resolve("truth.json");
        ClientBatch batch = new ClientBatch(
                List.of("Müller said \"no\".", "🙂\n"),
                new TokenBatch(List.of(new int[] {4, 50256, 0}, new int[] {7, 8}), new int[] {0, 1}, new int[] {1, 0}));
        TruthFile.write(file, batch);
        ClientBatch read = TruthFile.read(file);
        assertEquals(batch.sentences(), read.sentences());
        for (int s = 0; s < 2; s++) {
            assertArrayEquals(
                    batch.tokens().sequences().get(s), read.tokens().sequences().get(s));
        }
        assertArrayEquals(batch.tokens().offsets(), read.tokens().offsets());
        assertArrayEquals(batch.tokens().labels(), read.tokens().labels());
        try (var files = Files.list(directory)) {
            assertEquals(List.of(file), files.toList());
        }
    }

    @Test
    void otherFilesAreNotTruth() throws IOException {
        String[] texts = {
            "",
            "null",
            "[]",
            "[null]",
            "{\"sentence\": \"a\"}",
            "[{\"sentence\": \"a\", \"tokens\": [1], \"offset\": 0}]",
            "[{\"sentence\": \"a\", \"tokens\": null, \"offset\": 0, \"label\": 0}]",
            "[{\"sentence\": \"a\", \"tokens\": [1.5], \"offset\": 0, \"label\": 0}]"
        };
        for (String text : texts) {
            Path file = Files.writeString(directory.resolve("other.json"), text);
            AttackException failure = assertThrows(AttackException.class, () -> TruthFile.read(file), text);
            assertEquals(1, String.valueOf(failure.getMessage()).lines().count(), failure.getMessage());
        }
        assertThrows(AttackException.class, () -> TruthFile.read(directory.resolve("none.json")));
    }
}
