package leakmark.attacks.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import leakmark.attacks.AttackException;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.client.Client;
import leakmark.attacks.client.ClientBatch;
import leakmark.attacks.client.NetworkClient;
import leakmark.attacks.djl.TransformerGradient;
import leakmark.attacks.dlg.Victim;
import leakmark.kernels.matching.Shape.Image;
import leakmark.kernels.scalar.ScalarKernels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class PublicNetworkTest {
    @Test
    void namesAreThoseOfAnnSequential() {
        PublicNetwork lenet = NetworkPresets.open("lenet", new Image(3, 32, 32), 10, 1);
        assertEquals(
                List.of("0.weight", "0.bias", "2.weight", "2.bias", "4.weight", "4.bias", "7.weight", "7.bias"),
                PublicNetwork.parameterNames(lenet.network()));
        List<String> residual =
                PublicNetwork.parameterNames(NetworkPresets.network("resnet20", new Image(3, 8, 8), 10));
        assertTrue(residual.contains("8.body.0.weight") && residual.contains("8.shortcut.0.bias"), residual.toString());
        assertEquals(residual.size(), residual.stream().distinct().count());
    }

    @Test
    void weightsComeBackFromTheirFile(@TempDir Path folder) {
        PublicNetwork model = NetworkPresets.open("resnet20", new Image(1, 8, 8), 3, 7);
        Path file = folder.resolve("weights.safetensors");
        model.write(file);
        assertArrayEquals(
                model.parameters(),
                PublicNetwork.read("resnet20", model.network(), file).parameters());
        AttackException other = assertThrows(
                AttackException.class,
                () -> PublicNetwork.read("resnet20", NetworkPresets.network("resnet20", new Image(1, 8, 8), 4), file));
        assertTrue(String.valueOf(other.getMessage()).contains("21.weight has the shape [3, 64]"), other.getMessage());
        AttackException missing = assertThrows(
                AttackException.class,
                () -> PublicNetwork.read("lenet", NetworkPresets.network("lenet", new Image(1, 8, 8), 3), file));
        assertEquals(1, String.valueOf(missing.getMessage()).lines().count());
    }

    /** A table of more positions than the sequence has serves by its first ones; nothing else may have another shape. */
    @Test
    void textWeightsComeBackFromTheirFile(@TempDir Path folder) {
        Path file = folder.resolve("weights.safetensors");
        for (String name : TextNetwork.names()) {
            TextNetwork model = TextNetwork.open(name, 6, 7, 0.05);
            model.write(file);
            TextNetwork same = TextNetwork.read(name, 6, file);
            assertArrayEquals(model.model().parameters(), same.model().parameters());
            assertArrayEquals(model.embeddings(), same.embeddings());
            TextNetwork shorter = TextNetwork.read(name, 4, file);
            float[] all = model.model().parameters();
            int d = model.hiddenSize();
            assertArrayEquals(
                    Arrays.copyOf(all, 4 * d), Arrays.copyOf(shorter.model().parameters(), 4 * d));
            assertArrayEquals(
                    Arrays.copyOfRange(all, 6 * d, all.length),
                    Arrays.copyOfRange(shorter.model().parameters(), 4 * d, all.length - 2 * d));
            refused(
                    () -> TextNetwork.read(name, 7, file),
                    "0.weight has the shape \\[6, 64], the model's is \\[7, 64]");
        }
        refused(() -> TextNetwork.read("encoder", 4, file), "has no 1.weight; model encoder needs .*");
        refused(() -> TextNetwork.read("bert", 4, file), "model bert takes no text here; .*");
        TextNetwork decoder = TextNetwork.open("decoder", 2, 7, 0.05);
        Map<String, Tensor> tensors = decoder.model().tensors();
        SafeTensors.write(file, tensors, Map.of());
        refused(() -> TextNetwork.read("decoder", 2, file), "has no embeddings.weight, .*");
        tensors.put("embeddings.weight", new Tensor(new int[] {32, 32}, new float[1024]));
        SafeTensors.write(file, tensors, Map.of());
        refused(
                () -> TextNetwork.read("decoder", 2, file),
                "embeddings.weight has the shape .*, the model's is .V, 64.");
        float[] broken = new float[64];
        broken[5] = Float.NaN;
        tensors.put("embeddings.weight", new Tensor(new int[] {1, 64}, broken));
        SafeTensors.write(file, tensors, Map.of());
        refused(() -> TextNetwork.read("decoder", 2, file), "has a weight that is NaN");
    }

    private static void refused(Executable reading, String reason) {
        String message =
                String.valueOf(assertThrows(AttackException.class, reading).getMessage());
        assertTrue(message.matches(".*" + reason), message);
    }

    @Test
    void modelsOfAnotherWidthAreRefused() {
        ModelConfiguration narrow = new ModelConfiguration("narrow", 1, 8, 2, 300, 16, 24, 2, 1e-5);
        refused(
                () -> TextNetwork.of(new PublicModel(narrow, new SeededWeights(narrow, 1)), 4),
                "model narrow has an inner layer of 24; .*, 32");
    }

    /** A GPT-2 as a network of layers has the gradients of the GPT-2, which PyTorch computes from other code. */
    @Test
    void gpt2AsANetworkHasTheSameGradient() {
        PublicModel gpt2 = Models.open("tiny", 5, 0.1);
        int length = 7;
        TextNetwork model = TextNetwork.of(gpt2, length);
        TokenBatch batch = new TokenBatch(
                List.of(new int[] {5, 80, 300, 7, 7, 411, 20}, new int[] {99, 3, 3, 260, 1, 0, 500}),
                new int[2],
                new int[] {1, 0});
        Victim victim = new NetworkClient(new ScalarKernels().gradientMatching()).share(model, batch);
        SharedGradient shared;
        try (TransformerGradient oracle = new TransformerGradient()) {
            shared = new Client(oracle)
                    .share(
                            gpt2,
                            Task.CLASSIFICATION,
                            new ClientBatch(List.of("a", "b"), batch),
                            java.util.Set.of(
                                    ParameterNames.queryKeyValue(0),
                                    ParameterNames.mlpOutput(1),
                                    ParameterNames.FINAL_NORM_SCALE,
                                    ParameterNames.CLASSIFIER));
        }
        assertSame(offsets(gpt2.configuration(), length), shared, victim);
        assertThrows(AttackException.class, () -> TextNetwork.of(gpt2, 65));
    }

    /** The same for BERT, whose first token is classified and whose rows the network reads backwards. */
    @Test
    void bertAsANetworkHasTheSameGradient() {
        PublicModel bert = Models.open("bert-tiny", 5, 0.1);
        int length = 7;
        int d = 64;
        TokenBatch batch = new TokenBatch(
                List.of(new int[] {509, 80, 300, 7, 7, 411, 510}, new int[] {509, 3, 3, 260, 1, 0, 510}),
                new int[2],
                new int[] {1, 0});
        Victim victim =
                new NetworkClient(new ScalarKernels().gradientMatching()).share(TextNetwork.of(bert, length), batch);
        int second = (length + 2) * d + 12 * d * d + 13 * d;
        int head = second + 12 * d * d + 13 * d;
        // By hand: a block has 12 d² weights, 9 d biases, and two norms of 2 d.
        Map<Integer, String> offsets = Map.of(
                (length + 2) * d,
                BertNames.query(0),
                (length + 2) * d + 2 * d * d,
                BertNames.value(0),
                second + d * d,
                BertNames.key(1),
                head,
                BertNames.POOLER,
                head + d * d + d,
                BertNames.CLASSIFIER);
        try (TransformerGradient oracle = new TransformerGradient()) {
            SharedGradient shared = new Client(oracle)
                    .share(
                            bert,
                            Task.CLASSIFICATION,
                            new ClientBatch(List.of("a", "b"), batch),
                            java.util.Set.copyOf(offsets.values()));
            assertSame(offsets, shared, victim);
        }
    }

    private static void assertSame(Map<Integer, String> offsets, SharedGradient shared, Victim victim) {
        offsets.forEach((at, name) -> {
            Tensor gradient = shared.get(name);
            float[] expected =
                    gradient.shape().length == 2 ? gradient.transposed().data() : gradient.data();
            double largest = 0;
            for (float value : expected) {
                largest = Math.max(largest, Math.abs(value));
            }
            for (int i = 0; i < expected.length; i++) {
                double error = Math.abs(expected[i] - victim.gradient()[at + i]);
                assertTrue(error <= 1e-4 * largest, name + " " + i + ": " + error + " of " + largest);
            }
        });
    }

    /** Where parameters start: position embedding, then per block two norms and four linear layers, norm, head. */
    private static Map<Integer, String> offsets(ModelConfiguration configuration, int length) {
        int d = configuration.hiddenSize();
        int inner = 4 * d;
        int block = 4 * d + (3 * d * d + 3 * d) + (d * d + d) + (inner * d + inner) + (inner * d + d);
        int first = length * d;
        int end = first + 2 * block;
        return Map.of(
                first + 2 * d,
                ParameterNames.queryKeyValue(0),
                end - d - inner * d,
                ParameterNames.mlpOutput(1),
                end,
                ParameterNames.FINAL_NORM_SCALE,
                end + 2 * d,
                ParameterNames.CLASSIFIER);
    }
}
