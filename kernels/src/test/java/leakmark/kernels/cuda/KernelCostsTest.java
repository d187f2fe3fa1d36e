package leakmark.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import leakmark.kernels.Cost;
import leakmark.kernels.cuda.KernelCosts.Precision;
import leakmark.kernels.cuda.KernelCosts.Roofs;
import leakmark.kernels.cuda.KernelCosts.Shape;
import leakmark.kernels.cuda.KernelCosts.Work;
import org.junit.jupiter.api.Test;

class KernelCostsTest {
    /** 32 × 20 natural text: 255 tokens, 275 directions of inputs with β, about 600 distinct prefixes. */
    private static final Shape LARGE = Shape.gpt2(32, 255, 20, 275, 600);

    private static Work work(String kernel) {
        return KernelCosts.attack(LARGE).stream()
                .filter(w -> w.kernel().equals(kernel))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theSweepReadsTheTableOnce() {
        Work sweep = work("vocabulary_sweep_2");
        assertEquals(50257.0 * 768 * 4, sweep.cost().bytes());
        assertEquals(2.0 * 50257 * 768 * 8 + 3.0 * 50257 * 64 * 8, sweep.cost().flops());
        // 154.4 MB at 4.3 TB/s, and a launch.
        assertEquals(154.389504e6 / 4.3e12 + 2.5e-6, KernelCosts.seconds(sweep, Roofs.H200), 1e-12);
    }

    @Test
    void theSlowerRoofCounts() {
        Work arithmetic = new Work("a", 2, Precision.FLOAT64, false, new Cost(30e12, 4.3e9));
        assertEquals(1 + 5e-6, KernelCosts.seconds(arithmetic, Roofs.H200), 1e-12);
        Work alone = new Work("b", 0, Precision.FLOAT32, true, new Cost(0, 4.3e9));
        assertEquals(0.132, KernelCosts.seconds(alone, Roofs.H200), 1e-12);
    }

    @Test
    void everyKernelNamedHereShips() {
        TreeSet<String> shipped = HostCompiler.shipped().stream()
                .flatMap(source -> HostCompiler.kernels(PtxCompiler.readSource(source)).stream())
                .collect(Collectors.toCollection(TreeSet::new));
        List<String> named = KernelCosts.attack(LARGE).stream()
                .map(Work::kernel)
                .filter(name -> !name.startsWith("span_residual"))
                .flatMap(name -> Arrays.stream(name.split(", ")))
                .toList();
        assertTrue(named.size() > 10);
        assertTrue(shipped.containsAll(named), named + " of " + shipped);
    }

    @Test
    void theTableSaysThatNothingWasMeasured() {
        String table = KernelCosts.predictions(LARGE, Roofs.H200);
        assertTrue(table.startsWith("PREDICTED"));
        assertTrue(table.contains("prefix_test_1"));
    }
}
