package leakmark.attacks.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import leakmark.attacks.AttackException;
import leakmark.attacks.GradientOracle;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.client.FedAvgClient.Schedule;
import leakmark.attacks.client.FedAvgClient.Sent;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.SeededWeights;
import leakmark.attacks.model.Tensor;
import org.junit.jupiter.api.Test;

/** Local training on a loss whose path is known: ½‖W‖² times the part's sequences. */
class FedAvgClientTest {
    private static final ModelConfiguration CONFIGURATION = new ModelConfiguration("tiny", 2, 4, 1, 30, 8, 16, 2, 1e-5);
    private static final PublicModel MODEL = new PublicModel(CONFIGURATION, new SeededWeights(CONFIGURATION, 1));
    private static final String NAME = "h.0.attn.c_attn.weight";

    private static final GradientOracle QUADRATIC = new GradientOracle() {
        @Override
        public Map<String, Tensor> gradient(PublicModel model, Task task, TokenBatch batch, Set<String> names) {
            Map<String, Tensor> result = new LinkedHashMap<>();
            for (String name : names) {
                Tensor weight = model.weight(name);
                float[] scaled = weight.data().clone();
                for (int i = 0; i < scaled.length; i++) {
                    scaled[i] *= batch.sequences().size();
                }
                result.put(name, new Tensor(weight.shape(), scaled));
            }
            return result;
        }

        @Override
        public List<Tensor> tokenGradients(PublicModel model, Task task, TokenBatch batch) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<Tensor> hiddenStates(PublicModel model, TokenBatch batch) {
            throw new UnsupportedOperationException();
        }
    };

    private static ClientBatch batch() {
        List<int[]> sequences = List.of(new int[] {1}, new int[] {2}, new int[] {3});
        return new ClientBatch(List.of("a", "b", "c"), new TokenBatch(sequences, new int[3], new int[3]));
    }

    /** Two epochs of parts of 2 and 1: W shrinks by (1 − 2r)(1 − r) each, in four steps. */
    @Test
    void updatesAreTheMeanOfAllSteps() {
        double r = 0.1;
        SharedGradient update = new FedAvgClient(QUADRATIC, new Schedule(2, 2, r))
                .share(MODEL, Task.CLASSIFICATION, batch(), Set.of(NAME));
        double left = Math.pow((1 - 2 * r) * (1 - r), 2);
        float[] before = MODEL.weight(NAME).data();
        float[] mean = update.get(NAME).data();
        for (int i = 0; i < before.length; i++) {
            assertEquals(before[i] * (1 - left) / (4 * r), mean[i], 1e-6);
        }
    }

    /** Float32 weights of size W tell the mean gradient to within a rounding of W at each step, over lr · steps. */
    @Test
    void differencesOfWeightsCarryTheirRounding() {
        Schedule schedule = new Schedule(1, 1, 1e-4);
        float[] exact = new FedAvgClient(QUADRATIC, schedule)
                .share(MODEL, Task.CLASSIFICATION, batch(), Set.of(NAME))
                .get(NAME)
                .data();
        float[] rounded = new FedAvgClient(QUADRATIC, schedule, Sent.FLOAT32_WEIGHTS)
                .share(MODEL, Task.CLASSIFICATION, batch(), Set.of(NAME))
                .get(NAME)
                .data();
        float[] weight = MODEL.weight(NAME).data();
        double farthest = 0;
        for (int i = 0; i < exact.length; i++) {
            double error = Math.abs(exact[i] - rounded[i]);
            assertTrue(error <= Math.ulp(weight[i]) / 1e-4, i + ": " + error);
            farthest = Math.max(farthest, error / Math.abs(exact[i]));
        }
        assertTrue(farthest > 1e-5, "no rounding: " + farthest);
    }

    @Test
    void wrongSchedulesAreRefused() {
        assertThrows(AttackException.class, () -> new Schedule(0, 1, 0.1));
        assertThrows(AttackException.class, () -> new Schedule(1, 0, 0.1));
        assertThrows(AttackException.class, () -> new Schedule(1, 1, Double.NaN));
        FedAvgClient far = new FedAvgClient(QUADRATIC, new Schedule(60, 1, 1e30));
        assertThrows(AttackException.class, () -> far.share(MODEL, Task.CLASSIFICATION, batch(), Set.of(NAME)));
    }
}
