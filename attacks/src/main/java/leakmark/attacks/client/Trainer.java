package leakmark.attacks.client;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import leakmark.attacks.GradientOracle;
import leakmark.attacks.Task;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import leakmark.attacks.model.Weights;

/**
 * Trains a model from scratch on sentences by Adam (Kingma, Ba 2015), so that its attention is a real model's: masked-LM for
 * encoders ({@link Masking}), next token for decoders.
 */
public final class Trainer {
    private static final double FIRST_MOMENT = 0.9;
    private static final double SECOND_MOMENT = 0.999;
    private static final double TINY = 1e-8;
    private static final int BATCH = 32;

    private final GradientOracle oracle;
    private final Task task;
    private final int mask;
    private final double learningRate;

    /**
     * @param oracle computes the gradients
     * @param task masked-LM or next token
     * @param mask id of [MASK]; any number for decoders
     * @param learningRate Adam's, reached after a twentieth of the steps, then falling to 0
     */
    public Trainer(GradientOracle oracle, Task task, int mask, double learningRate) {
        this.oracle = oracle;
        this.task = task;
        this.mask = mask;
        this.learningRate = learningRate;
    }

    /** Values of one moment. The oracle keeps what it knows of a model by the identity of its weights. */
    private record Snapshot(Map<String, Tensor> tensors) implements Weights {
        @Override
        public Set<String> names() {
            return tensors.keySet();
        }

        @Override
        public Tensor get(String name) {
            Tensor tensor = tensors.get(name);
            if (tensor == null) {
                throw new IllegalArgumentException("no parameter " + name);
            }
            return tensor;
        }
    }

    /**
     * Trains.
     *
     * @param start the weights to start from; they stay as they are
     * @param sequences token sequences as the model gets them
     * @param steps of 32 sequences each
     * @param seed picks sequences and masks
     * @param progress told each step
     */
    public PublicModel train(PublicModel start, List<int[]> sequences, int steps, long seed, IntConsumer progress) {
        Map<String, Tensor> values = new LinkedHashMap<>();
        start.weights().names().forEach(name -> values.put(name, start.weight(name)));
        Set<String> trained = values.keySet().stream().filter(task::reaches).collect(Collectors.toSet());
        Map<String, float[]> first = new HashMap<>();
        Map<String, float[]> second = new HashMap<>();
        SplittableRandom random = new SplittableRandom(seed);
        for (int step = 0; step < steps; step++) {
            PublicModel model = new PublicModel(start.configuration(), new Snapshot(new LinkedHashMap<>(values)));
            TokenBatch batch = batch(sequences, start.configuration().vocabularySize(), random);
            Map<String, Tensor> gradient = oracle.gradient(model, task, batch, trained);
            double warm = Math.min(1, (step + 1) / (steps / 20.0 + 1));
            double rate = learningRate * warm * (1 - (double) step / steps);
            int time = step + 1;
            gradient.forEach((name, g) -> values.put(
                    name,
                    stepped(
                            model.weight(name),
                            g,
                            first.computeIfAbsent(name, n -> new float[g.data().length]),
                            second.computeIfAbsent(name, n -> new float[g.data().length]),
                            rate,
                            time)));
            progress.accept(step);
        }
        return new PublicModel(start.configuration(), new Snapshot(values));
    }

    private static Tensor stepped(Tensor x, Tensor g, float[] first, float[] second, double rate, int time) {
        double firstScale = 1 / (1 - Math.pow(FIRST_MOMENT, time));
        double secondScale = 1 / (1 - Math.pow(SECOND_MOMENT, time));
        float[] result = new float[x.data().length];
        for (int i = 0; i < result.length; i++) {
            double gradient = g.data()[i];
            first[i] = (float) (FIRST_MOMENT * first[i] + (1 - FIRST_MOMENT) * gradient);
            second[i] = (float) (SECOND_MOMENT * second[i] + (1 - SECOND_MOMENT) * gradient * gradient);
            result[i] =
                    (float) (x.data()[i] - rate * first[i] * firstScale / (Math.sqrt(second[i] * secondScale) + TINY));
        }
        return new Tensor(x.shape(), result);
    }

    private TokenBatch batch(List<int[]> sequences, int vocabularySize, SplittableRandom random) {
        List<int[]> chosen = new ArrayList<>();
        List<int[]> targets = new ArrayList<>();
        for (int s = 0; s < BATCH; s++) {
            int[] tokens = sequences.get(random.nextInt(sequences.size())).clone();
            if (task == Task.MASKED_LM) {
                targets.add(new Masking(mask, vocabularySize).apply(tokens, random));
            }
            chosen.add(tokens);
        }
        return new TokenBatch(chosen, new int[BATCH], new int[BATCH], targets);
    }
}
