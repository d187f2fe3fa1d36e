package leakmark.attacks.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import leakmark.attacks.AttackException;
import leakmark.attacks.GradientOracle;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import leakmark.attacks.model.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientTest {
    private static final ModelConfiguration CONFIGURATION =
            new ModelConfiguration("tiny", 2, 4, 1, 300, 8, 16, 2, 1e-5);
    private static final PublicModel MODEL = new PublicModel(CONFIGURATION, new Weights() {
        @Override
        public Set<String> names() {
            return Set.of();
        }

        @Override
        public Tensor get(String name) {
            throw new IllegalArgumentException(name);
        }
    });
    private static final ClientBatch BATCH =
            new ClientBatch(List.of("abc"), new TokenBatch(List.of(new int[] {97, 98, 99}), new int[1], new int[1]));

    @Test
    void sharesWhatTheOracleGives() {
        SharedGradient shared = new Client(answering(1, -2)).share(MODEL, Task.NEXT_TOKEN, BATCH, Set.of("ln_f.bias"));
        assertEquals(Task.NEXT_TOKEN, shared.task());
        assertEquals(Tensor.vector(1, -2), shared.get("ln_f.bias"));
        assertFalse(shared.has("ln_f.weight"));
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void aGradientThatIsNotFiniteIsNamed(float bad) {
        Client client = new Client(answering(0, bad));
        AttackException failure = assertThrows(
                AttackException.class, () -> client.share(MODEL, Task.NEXT_TOKEN, BATCH, Set.of("ln_f.bias")));
        assertTrue(String.valueOf(failure.getMessage()).contains("ln_f.bias"));
    }

    @Test
    void theDecoderAttackReadsTheFirstBlock() {
        assertEquals(
                Set.of(
                        "h.0.attn.c_attn.weight",
                        "h.0.attn.c_proj.weight",
                        "h.0.mlp.c_fc.weight",
                        "h.1.attn.c_attn.weight",
                        "ln_f.weight",
                        "ln_f.bias"),
                Client.decoderAttackNames(CONFIGURATION, Task.NEXT_TOKEN));
        assertTrue(Client.decoderAttackNames(CONFIGURATION, Task.CLASSIFICATION).contains("score.weight"));
    }

    private static GradientOracle answering(float... values) {
        return new GradientOracle() {
            @Override
            public Map<String, Tensor> gradient(PublicModel model, Task task, TokenBatch batch, Set<String> names) {
                return Map.of(names.iterator().next(), Tensor.vector(values));
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
    }
}
