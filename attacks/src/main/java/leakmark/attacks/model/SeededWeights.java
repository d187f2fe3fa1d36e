package leakmark.attacks.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import leakmark.attacks.AttackException;
import org.jspecify.annotations.Nullable;

/**
 * Weights drawn from a seed, for a model nobody trained. All are normal, with σ the given standard deviation and L the
 * number of layers:
 *
 * <ul>
 *   <li>matrices, token embedding, classifier and biases: N(0, σ²)
 *   <li>GPT-2's output projections of attention and MLP: N(0, σ²/(2L)), as GPT-2 is initialised
 *   <li>GPT-2's position embedding: N(0, σ²/4)
 *   <li>LayerNorm scales 1 + 0.3·N(0, 1) and shifts 0.1·N(0, 1): trained models have neither 1 nor 0 there
 * </ul>
 *
 * A value depends on seed, name and position only, not on threads or machine. Each tensor is generated when first asked
 * for and kept. Safe for use by several threads.
 */
public final class SeededWeights implements Weights {
    /** GPT-2's initial standard deviation. */
    public static final double DEFAULT_STANDARD_DEVIATION = 0.02;

    /** Below this many values, starting threads costs more than it saves. */
    private static final int VALUES_PER_THREAD = 1 << 17;

    private final ModelConfiguration configuration;
    private final long seed;
    private final double standardDeviation;
    private final Map<String, Slot> slots = new LinkedHashMap<>();

    /** Weights with GPT-2's initial standard deviation, 0.02. */
    public SeededWeights(ModelConfiguration configuration, long seed) {
        this(configuration, seed, DEFAULT_STANDARD_DEVIATION);
    }

    /**
     * Weights with a standard deviation of the caller's.
     *
     * @param standardDeviation σ, positive
     * @throws AttackException if σ is not a positive number
     */
    public SeededWeights(ModelConfiguration configuration, long seed, double standardDeviation) {
        if (!(standardDeviation > 0 && standardDeviation < Double.POSITIVE_INFINITY)) {
            throw new AttackException("the weights' standard deviation must be positive, got " + standardDeviation);
        }
        this.configuration = configuration;
        this.seed = seed;
        this.standardDeviation = standardDeviation;
        configuration.parameterShapes().forEach((name, shape) -> slots.put(name, new Slot(name, shape)));
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(slots.keySet());
    }

    @Override
    public Tensor get(String name) {
        Slot slot = slots.get(name);
        if (slot == null) {
            throw new IllegalArgumentException("model " + configuration.name() + " has no parameter " + name);
        }
        return slot.get();
    }

    private double scale(String name) {
        if (isNorm(name)) {
            return name.endsWith(".weight") ? 0.3 : 0.1;
        }
        if (name.endsWith(".c_proj.weight")) {
            return standardDeviation / Math.sqrt(2.0 * configuration.layers());
        }
        return name.equals(ParameterNames.POSITION_EMBEDDING) ? standardDeviation / 2 : standardDeviation;
    }

    private static double offset(String name) {
        return isNorm(name) && name.endsWith(".weight") ? 1 : 0;
    }

    private static boolean isNorm(String name) {
        return name.contains("ln_") || name.contains("LayerNorm");
    }

    /** A parameter's place: its lock lets one thread generate while other parameters stay available. */
    private final class Slot {
        private final String name;
        private final int[] shape;
        private @Nullable Tensor tensor;

        Slot(String name, int[] shape) {
            this.name = name;
            this.shape = shape;
        }

        synchronized Tensor get() {
            Tensor known = tensor;
            if (known == null) {
                int size = 1;
                for (int extent : shape) {
                    size *= extent;
                }
                float[] values = new float[size];
                fill(values);
                known = new Tensor(shape, values);
                tensor = known;
            }
            return known;
        }

        private void fill(float[] values) {
            long stream = NormalDeviates.stream(seed, name);
            double offset = offset(name);
            double scale = scale(name);
            int parts = Math.max(
                    1, Math.min(Runtime.getRuntime().availableProcessors(), values.length / VALUES_PER_THREAD));
            // Own threads, not the common pool: a thread that waited there could be lent a task that wants this lock.
            Thread[] threads = new Thread[parts - 1];
            for (int part = 0; part < threads.length; part++) {
                int from = start(part, parts, values.length);
                int to = start(part + 1, parts, values.length);
                threads[part] = new Thread(
                        () -> NormalDeviates.fill(stream, offset, scale, values, from, to), "seeded " + name);
                threads[part].start();
            }
            NormalDeviates.fill(stream, offset, scale, values, start(parts - 1, parts, values.length), values.length);
            for (Thread thread : threads) {
                joinUninterruptibly(thread);
            }
        }
    }

    private static int start(int part, int parts, int size) {
        return (int) ((long) size * part / parts);
    }

    private static void joinUninterruptibly(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
