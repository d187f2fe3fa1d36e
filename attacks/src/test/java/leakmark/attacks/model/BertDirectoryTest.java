package leakmark.attacks.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import leakmark.attacks.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** BERT directories as old and new versions of Hugging Face's library wrote them. */
class BertDirectoryTest {
    private static final String CONFIG = """
            {"model_type": "bert", "num_hidden_layers": 1, "hidden_size": 4, "num_attention_heads": 2, "vocab_size": 7,
             "max_position_embeddings": 3, "intermediate_size": 6, "hidden_act": "gelu", "num_labels": 3,
             "type_vocab_size": 2, "layer_norm_eps": 1e-12}
            """;

    private static final ModelConfiguration EXPECTED =
            new ModelConfiguration("x", Architecture.BERT, 1, 4, 2, 7, 3, 6, 3, 1e-12);

    @TempDir
    Path directory;

    private static Tensor values(String name, int[] shape) {
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

    /** Every matrix but the embeddings lies in files as {@code nn.Linear} keeps it. */
    private void write(String prefix, boolean gammaAndBeta, boolean heads) throws IOException {
        Map<String, Tensor> stored = new TreeMap<>();
        EXPECTED.parameterShapes().forEach((name, shape) -> {
            boolean head = name.startsWith("cls.") || name.startsWith("classifier");
            if (head && !heads) {
                return;
            }
            boolean turned = shape.length == 2 && !name.startsWith("embeddings");
            String spelled = gammaAndBeta
                    ? name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
                    : name;
            Tensor tensor = values(name, shape);
            stored.put((head ? "" : prefix) + spelled, turned ? tensor.transposed() : tensor);
        });
        stored.put("cls.predictions.decoder.weight", values("d", new int[] {7, 4}));
        stored.put("cls.seq_relationship.bias", values("n", new int[] {2}));
        Files.writeString(directory.resolve("config.json"), CONFIG);
        SafeTensors.write(directory.resolve("model.safetensors"), stored, Map.of());
    }

    @ParameterizedTest
    @CsvSource({"'', false", "bert., false", "bert., true", "'', true"})
    void holdsWhatWasWritten(String prefix, boolean gammaAndBeta) throws IOException {
        write(prefix, gammaAndBeta, true);
        PublicModel model = HuggingFaceDirectory.open(directory, 1);
        assertEquals(Architecture.BERT, model.configuration().architecture());
        EXPECTED.parameterShapes()
                .forEach((name, shape) -> assertEquals(values(name, shape), model.weight(name), name));
    }

    @Test
    void headsThatAreNotThereAreDrawn() throws IOException {
        write("bert.", false, false);
        PublicModel model = HuggingFaceDirectory.open(directory, 1);
        assertEquals(4, model.weight(BertNames.CLASSIFIER).rows());
        assertEquals(3, model.weight(BertNames.CLASSIFIER).columns());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gelu | gelu_new | hidden_act must be gelu, found \"gelu_new\"",
                "\"type_vocab_size\": 2 | \"type_vocab_size\": 1 | type_vocab_size must be 2, found 1",
                "\"hidden_size\": 4 | \"hidden_size\": 8 | has the shape",
                "\"layer_norm_eps\" | \"position_embedding_type\": \"relative_key\", \"layer_norm_eps\" | must be absolute"
            })
    void refusesWhatIsNotThatBert(String what, String instead, String expected) throws IOException {
        write("", false, true);
        Files.writeString(directory.resolve("config.json"), CONFIG.replace(what, instead));
        String message = Refusal.of(() -> HuggingFaceDirectory.open(directory, 1));
        assertTrue(message.contains(expected), message);
    }
}
