package leakmark.attacks.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import leakmark.attacks.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HuggingFaceDirectoryTest {
    private static final String CONFIG = """
            {"model_type": "gpt2", "activation_function": "gelu_new", "n_layer": 1, "n_embd": 4, "n_head": 2,
             "vocab_size": 7, "n_ctx": 3, "n_positions": 3, "n_inner": null, "layer_norm_epsilon": 1e-05,
             "id2label": {"0": "bad", "1": "so", "2": "good"}, "architectures": ["GPT2LMHeadModel"]}
            """;

    /** Tensors of {@link #CONFIG}'s model as published; d = 4, inner 16, 3 labels. */
    private static final Map<String, int[]> STORED = Map.ofEntries(
            Map.entry("wte.weight", new int[] {7, 4}),
            Map.entry("wpe.weight", new int[] {3, 4}),
            Map.entry("h.0.ln_1.weight", new int[] {4}),
            Map.entry("h.0.ln_1.bias", new int[] {4}),
            Map.entry("h.0.attn.c_attn.weight", new int[] {4, 12}),
            Map.entry("h.0.attn.c_attn.bias", new int[] {12}),
            Map.entry("h.0.attn.c_proj.weight", new int[] {4, 4}),
            Map.entry("h.0.attn.c_proj.bias", new int[] {4}),
            Map.entry("h.0.ln_2.weight", new int[] {4}),
            Map.entry("h.0.ln_2.bias", new int[] {4}),
            Map.entry("h.0.mlp.c_fc.weight", new int[] {4, 16}),
            Map.entry("h.0.mlp.c_fc.bias", new int[] {16}),
            Map.entry("h.0.mlp.c_proj.weight", new int[] {16, 4}),
            Map.entry("h.0.mlp.c_proj.bias", new int[] {4}),
            Map.entry("ln_f.weight", new int[] {4}),
            Map.entry("ln_f.bias", new int[] {4}),
            Map.entry("score.weight", new int[] {3, 4}));

    @TempDir
    Path directory;

    /** Each tensor counts up from its name's hash, so that no two are alike. */
    private static Tensor values(String name, int... shape) {
        int size = 1;
        for (int extent : shape) {
            size *= extent;
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = name.hashCode() % 1000 + i;
        }
        return new Tensor(shape, values);
    }

    private static Map<String, Tensor> stored(String prefix) {
        Map<String, Tensor> tensors = new TreeMap<>();
        STORED.forEach(
                (name, shape) -> tensors.put(name.equals("score.weight") ? name : prefix + name, values(name, shape)));
        tensors.put(prefix + "h.0.attn.bias", values("mask", 1, 1, 3, 3));
        tensors.put(prefix + "h.0.attn.masked_bias", values("masked"));
        tensors.put("lm_head.weight", values("wte.weight", 7, 4));
        return tensors;
    }

    private void write(String config, Map<String, Tensor> tensors) throws IOException {
        Files.writeString(directory.resolve("config.json"), config);
        SafeTensors.write(directory.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
    }

    private String line() {
        return Refusal.of(() -> HuggingFaceDirectory.open(directory, 1));
    }

    private void assertHoldsTheModel(PublicModel model) {
        for (Map.Entry<String, int[]> entry : STORED.entrySet()) {
            String name = entry.getKey();
            if (!name.equals("score.weight")) {
                assertEquals(values(name, entry.getValue()), model.weight(name), name);
            }
        }
        // Stored labels × d, wanted d × labels.
        Tensor published = values("score.weight", 3, 4);
        Tensor classifier = model.weight("score.weight");
        assertArrayEquals(new int[] {4, 3}, classifier.shape());
        for (int label = 0; label < 3; label++) {
            for (int i = 0; i < 4; i++) {
                assertEquals(published.data()[label * 4 + i], classifier.data()[i * 3 + label]);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "transformer."})
    void opensADirectory(String prefix) throws IOException {
        write(CONFIG, stored(prefix));
        PublicModel model = HuggingFaceDirectory.open(directory, 1);
        assertEquals(
                new ModelConfiguration(directory.getFileName().toString(), 1, 4, 2, 7, 3, 16, 3, 1e-5),
                model.configuration());
        assertHoldsTheModel(model);
        assertEquals(STORED.keySet(), model.weights().names());
        assertEquals("wte.weight", model.weights().names().iterator().next());
        assertSame(model.weight("wte.weight"), model.weight("wte.weight"));
        assertThrows(IllegalArgumentException.class, () -> model.weight("lm_head.weight"));
    }

    @Test
    void opensShards() throws IOException {
        Map<String, Tensor> one = stored("transformer.");
        Map<String, Tensor> two = new TreeMap<>(one);
        one.keySet().removeIf(name -> name.contains(".mlp."));
        two.keySet().removeAll(one.keySet());
        SafeTensors.write(directory.resolve("model-00001-of-00002.safetensors"), one, Map.of());
        SafeTensors.write(directory.resolve("model-00002-of-00002.safetensors"), two, Map.of());
        Files.writeString(directory.resolve("config.json"), CONFIG);
        Files.writeString(directory.resolve("model.safetensors.index.json"), """
                {"metadata": {"total_size": 1}, "weight_map": {
                 "transformer.wte.weight": "model-00001-of-00002.safetensors",
                 "transformer.wpe.weight": "model-00001-of-00002.safetensors",
                 "transformer.h.0.mlp.c_fc.weight": "model-00002-of-00002.safetensors"}}
                """);
        assertHoldsTheModel(HuggingFaceDirectory.open(directory, 1));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "{\"weight_map\": {\"x\": \"../model.safetensors\"}} | the shard \"../model.safetensors\" is not",
                "{\"weight_map\": {\"x\": \"/etc/passwd\"}}          | the shard \"/etc/passwd\" is not",
                "{\"weight_map\": {\"x\": \"..\"}}                   | the shard \"..\" is not",
                "{\"weight_map\": {\"x\": \"a\\\\b\"}}               | is not the name of a file",
                "{\"weight_map\": {\"x\": \"a\\u0000b\"}}            | is not the name of a file",
                "{\"weight_map\": {\"x\": 3}}                        | the shard 3 is not",
                "{\"weight_map\": {\"x\": \"absent\"}}               | absent: no such file",
                "{\"weight_map\": {}}                                | has no weight_map",
                "[]                                                  | not a JSON object",
            },
            delimiter = '|')
    void refusesABrokenIndex(String index, String expected) throws IOException {
        Files.writeString(directory.resolve("config.json"), CONFIG);
        Files.writeString(directory.resolve("model.safetensors.index.json"), index);
        String message = line();
        assertTrue(message.contains(expected), message);
    }

    @Test
    void drawsAMissingClassifierFromTheSeed() throws IOException {
        Map<String, Tensor> base = stored("");
        base.remove("score.weight");
        write(CONFIG, base);
        Tensor classifier = HuggingFaceDirectory.open(directory, 5).weight("score.weight");
        assertArrayEquals(new int[] {4, 3}, classifier.shape());
        assertEquals(classifier, HuggingFaceDirectory.open(directory, 5).weight("score.weight"));
        assertNotEquals(classifier, HuggingFaceDirectory.open(directory, 6).weight("score.weight"));
        for (float value : classifier.data()) {
            assertEquals(0, value, 6 * 0.02);
            assertNotEquals(0, value);
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "\"gpt2\"              | \"llama\"       | model_type must be gpt2, found \"llama\"",
                "\"model_type\"        | \"m\"           | model_type must be gpt2, found nothing",
                "gelu_new              | relu            | activation_function must be gelu_new",
                "\"n_inner\": null     | \"reorder_and_upcast_attn\": true | reorder_and_upcast_attn must be false",
                "\"n_inner\": null     | \"scale_attn_by_inverse_layer_idx\": true | must be false, found true",
                "\"n_inner\": null     | \"scale_attn_weights\": false | scale_attn_weights must be true",
                "\"n_layer\": 1,       | ` `             | n_layer must be an integer, found nothing",
                "\"n_layer\": 1,       | \"n_layer\": 1.5, | n_layer must be an integer, found 1.5",
                "\"n_head\": 2         | \"n_head\": 3   | 3 heads do not divide hidden size 4",
                "\"n_embd\": 4         | \"n_embd\": 2000000000 | more values than one array",
                "1e-05                 | \"small\"       | layer_norm_epsilon must be a number",
                "\"n_inner\": null     | \"num_labels\": 2 | num_labels is 2, but id2label names 3",
                "\"vocab_size\": 7     | \"vocab_size\": 8 | tensor wte.weight has the shape [7, 4], the model's is [8, 4]",
                "\"n_inner\": null     | \"n_inner\": 8  | tensor h.0.mlp.c_fc.bias has the shape [16], the model's is [8]",
                ", \"2\": \"good\"     | ` `             | score.weight has the shape [3, 4], the model's is [2, 4]",
                "\"n_layer\": 1        | \"n_layer\": 2  | tensor h.1.ln_1.weight is missing; config.json expects [4]",
                "{\"model_type\"       | {{\"model_type\" | config.json: not JSON",
            })
    void refusesAnotherModel(String what, String instead, String expected) throws IOException {
        assertTrue(CONFIG.contains(what), what);
        write(CONFIG.replace(what, instead), stored(""));
        String message = line();
        assertTrue(message.contains(expected), message);
    }

    @Test
    void understandsOtherSpellingsOfTheConfiguration() throws IOException {
        String config = CONFIG.replace("\"n_positions\": 3,", "")
                .replace("null", "16")
                .replace("\"activation_function\": \"gelu_new\",", "\"num_labels\": 3,")
                .replace("\"id2label\"", "\"other\"")
                .replace("\"layer_norm_epsilon\": 1e-05,", "");
        write(config, stored(""));
        ModelConfiguration configuration =
                HuggingFaceDirectory.open(directory, 1).configuration();
        assertEquals(
                new ModelConfiguration(directory.getFileName().toString(), 1, 4, 2, 7, 3, 16, 3, 1e-5), configuration);
    }

    @Test
    void refusesMissingDoubleAndUnknownTensors() throws IOException {
        Map<String, Tensor> tensors = stored("");
        Tensor moved = tensors.remove("ln_f.bias");
        write(CONFIG, tensors);
        assertTrue(line().contains("tensor ln_f.bias is missing; config.json expects [4]"));
        tensors.put("ln_f.bias", moved);
        tensors.put("transformer.ln_f.bias", moved);
        write(CONFIG, tensors);
        assertTrue(line().contains("tensor ln_f.bias is stored twice"));
        tensors.remove("transformer.ln_f.bias");
        tensors.put("h.1.ln_1.bias", moved);
        write(CONFIG, tensors);
        assertTrue(line().contains("tensor h.1.ln_1.bias does not belong to the model"));
    }

    @Test
    void refusesADirectoryWithoutItsFiles() throws IOException {
        assertTrue(line().contains("config.json: no such file"));
        Files.writeString(directory.resolve("config.json"), CONFIG);
        assertTrue(line().contains("neither model.safetensors nor model.safetensors.index.json"));
    }

    @Test
    void modelsOpenByPresetOrDirectory() throws IOException {
        write(CONFIG, stored(""));
        assertHoldsTheModel(Models.open(directory.toString(), 1, 0.02));
        PublicModel tiny = Models.open("tiny", 7, 0.05);
        assertEquals(Presets.configuration("tiny"), tiny.configuration());
        assertEquals(
                new SeededWeights(Presets.configuration("tiny"), 7, 0.05).get("wte.weight"), tiny.weight("wte.weight"));
        for (String absent : List.of("gpt5", "", "a\0b", directory + "/model.safetensors")) {
            String message = Refusal.of(() -> Models.open(absent, 1, 0.02));
            assertTrue(
                    message.contains("is neither a preset (" + String.join(", ", Presets.names())
                            + ") nor a directory with config.json"),
                    message);
        }
    }
}
