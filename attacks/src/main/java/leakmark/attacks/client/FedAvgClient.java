package leakmark.attacks.client;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import leakmark.attacks.AttackException;
import leakmark.attacks.GradientOracle;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.model.ParameterNames;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import leakmark.attacks.model.Weights;

/**
 * A client of federated averaging (McMahan et al. 2017): several steps of SGD on its own batch, then the difference of the
 * weights, {@code (W₀ − W_S)/(S·lr)} after S steps, which is the mean of their gradients. Scale does not matter to row spaces.
 * Embeddings are frozen.
 */
public final class FedAvgClient {
    private final GradientOracle oracle;
    private final Schedule schedule;
    private final Sent sent;

    /** What the update is made of. */
    public enum Sent {
        /** The gradients, summed in float64: the weights' rounding is not taken for a defence. */
        SUM_OF_GRADIENTS,
        /** Float32 weights before and after: noise of {@code 2⁻²⁵|W|/(S·lr)}, the more the smaller the learning rate is. */
        FLOAT32_WEIGHTS
    }

    /**
     * How a client trains.
     *
     * @param epochs passes over the batch
     * @param miniBatch sequences of a step; the last of an epoch may have fewer
     * @param learningRate of plain SGD
     */
    public record Schedule(int epochs, int miniBatch, double learningRate) {
        public Schedule {
            if (epochs < 1 || miniBatch < 1 || !(learningRate > 0 && learningRate < Double.POSITIVE_INFINITY)) {
                throw new AttackException("local training needs at least one epoch, one sequence a step and a positive"
                        + " learning rate, not " + epochs + ", " + miniBatch + " and " + learningRate);
            }
        }

        /** S for a batch of so many sequences. */
        public int steps(int sequences) {
            return epochs * ((sequences + miniBatch - 1) / miniBatch);
        }
    }

    /** @param oracle computes the gradients */
    public FedAvgClient(GradientOracle oracle, Schedule schedule) {
        this(oracle, schedule, Sent.SUM_OF_GRADIENTS);
    }

    /**
     * @param oracle computes the gradients
     * @param sent what the update is made of
     */
    public FedAvgClient(GradientOracle oracle, Schedule schedule, Sent sent) {
        this.oracle = oracle;
        this.schedule = schedule;
        this.sent = sent;
    }

    /**
     * The mean update of all steps.
     *
     * @param names parameters that are shared; all but the embeddings are trained
     * @throws AttackException if the batch does not fit the model, or training diverges
     */
    public SharedGradient share(PublicModel model, Task task, ClientBatch batch, Set<String> names) {
        return share(model, task, batch, names, gradient -> {});
    }

    /** The same, and every step's gradients for who sees each of them. */
    SharedGradient share(
            PublicModel model,
            Task task,
            ClientBatch batch,
            Set<String> names,
            Consumer<Map<String, Tensor>> everyStep) {
        Trained weights = new Trained(model, task, names);
        int steps = 0;
        for (int epoch = 0; epoch < schedule.epochs; epoch++) {
            for (TokenBatch part : parts(batch.tokens())) {
                // A new object each step: engines keep the parameters of weights they know.
                Weights now = weights.snapshot();
                Map<String, Tensor> gradient =
                        oracle.gradient(new PublicModel(model.configuration(), now), task, part, weights.trained());
                everyStep.accept(gradient);
                weights.step(gradient);
                steps++;
            }
        }
        Map<String, Tensor> update = new LinkedHashMap<>();
        for (String name : names) {
            double[] sum = sent == Sent.FLOAT32_WEIGHTS ? weights.difference(name) : weights.sum(name);
            float[] mean = new float[sum.length];
            for (int i = 0; i < mean.length; i++) {
                mean[i] = (float) (sum[i] / steps);
                if (!Float.isFinite(mean[i])) {
                    throw new AttackException("local training diverged at " + name + "; lower the learning rate");
                }
            }
            update.put(name, new Tensor(model.weight(name).shape(), mean));
        }
        return new SharedGradient(task, update);
    }

    private List<TokenBatch> parts(TokenBatch batch) {
        List<TokenBatch> parts = new ArrayList<>();
        for (int from = 0; from < batch.sequences().size(); from += schedule.miniBatch) {
            int to = Math.min(from + schedule.miniBatch, batch.sequences().size());
            parts.add(new TokenBatch(
                    batch.sequences().subList(from, to),
                    java.util.Arrays.copyOfRange(batch.offsets(), from, to),
                    java.util.Arrays.copyOfRange(batch.labels(), from, to)));
        }
        return parts;
    }

    /** The model's weights, those that are trained in copies of their own. */
    private final class Trained {
        private final PublicModel model;
        private final Map<String, Tensor> own = new HashMap<>();
        private final Map<String, double[]> sums = new HashMap<>();
        private final Set<String> wanted;

        Trained(PublicModel model, Task task, Set<String> wanted) {
            this.model = model;
            this.wanted = wanted;
            for (String name : model.weights().names()) {
                boolean frozen = name.equals(ParameterNames.TOKEN_EMBEDDING)
                        || name.equals(ParameterNames.POSITION_EMBEDDING)
                        || (task == Task.NEXT_TOKEN && name.equals(ParameterNames.CLASSIFIER));
                if (!frozen) {
                    own.put(name, model.weight(name));
                }
            }
        }

        Set<String> trained() {
            return own.keySet();
        }

        Tensor get(String name) {
            return own.getOrDefault(name, model.weight(name));
        }

        /** Sum of a parameter's gradients; zeros where it is not trained. */
        double[] sum(String name) {
            return sums.computeIfAbsent(name, n -> new double[model.weight(n).data().length]);
        }

        /** The same as the weights tell it. */
        double[] difference(String name) {
            float[] before = model.weight(name).data();
            float[] after = get(name).data();
            double[] difference = new double[before.length];
            for (int i = 0; i < difference.length; i++) {
                difference[i] = ((double) before[i] - after[i]) / schedule.learningRate;
            }
            return difference;
        }

        Weights snapshot() {
            Map<String, Tensor> now = Map.copyOf(own);
            return new Weights() {
                @Override
                public Set<String> names() {
                    return model.weights().names();
                }

                @Override
                public Tensor get(String name) {
                    return now.getOrDefault(name, model.weight(name));
                }
            };
        }

        void step(Map<String, Tensor> gradient) {
            gradient.forEach((name, g) -> {
                float[] next = get(name).data().clone();
                for (int i = 0; i < next.length; i++) {
                    next[i] -= (float) (schedule.learningRate * g.data()[i]);
                }
                own.put(name, new Tensor(g.shape(), next));
                if (wanted.contains(name)) {
                    double[] sum = sum(name);
                    for (int i = 0; i < sum.length; i++) {
                        sum[i] += g.data()[i];
                    }
                }
            });
        }
    }
}
