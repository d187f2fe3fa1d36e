package leakmark.attacks.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import leakmark.attacks.Task;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.model.ParameterNames;
import leakmark.attacks.model.Presets;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.SeededWeights;
import leakmark.attacks.model.Tensor;
import org.junit.jupiter.api.Test;

/** Autograd keeps addresses of what the forward pass used; a collection before the backward pass must not free it. */
class GarbageCollectionTest {
    @Test
    void collectionsBetweenForwardAndBackwardChangeNothing() throws InterruptedException {
        PublicModel model =
                new PublicModel(Presets.configuration("tiny"), new SeededWeights(Presets.configuration("tiny"), 1));
        TokenBatch batch = new TokenBatch(
                java.util.List.of(new int[] {5, 9, 500, 31, 8}, new int[] {9, 31, 4}), new int[2], new int[] {1, 0});
        Set<String> names = Set.of(ParameterNames.queryKeyValue(0), ParameterNames.mlpInput(0));
        AtomicBoolean done = new AtomicBoolean();
        Thread collector = new Thread(() -> {
            while (!done.get()) {
                // Fresh blocks take the place of freed ones, so that a stale address reads something else.
                java.nio.ByteBuffer.allocateDirect(64);
                System.gc();
            }
        });
        try (TransformerGradient oracle = new TransformerGradient()) {
            Map<String, Tensor> quiet = oracle.gradient(model, Task.CLASSIFICATION, batch, names);
            collector.start();
            for (int i = 0; i < 10; i++) {
                // Tensors are equal by value.
                assertEquals(quiet, oracle.gradient(model, Task.CLASSIFICATION, batch, names));
            }
        } finally {
            done.set(true);
            collector.join();
        }
    }
}
