package leakmark.benchmarks.cli;

import leakmark.attacks.GradientOracle;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.client.Client;
import leakmark.attacks.client.ClientBatch;
import leakmark.attacks.client.FedAvgClient;
import leakmark.attacks.client.FedAvgClient.Schedule;
import leakmark.attacks.client.FedAvgClient.Sent;
import leakmark.attacks.client.ProtectedClient;
import leakmark.attacks.defences.Protection;
import leakmark.attacks.model.PublicModel;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Federated averaging in place of one step. */
final class LocalTrainingOptions {
    /** Key of an update's provenance: steps times learning rate. */
    static final String PROVENANCE = "movement";

    @Option(names = "--local-epochs", paramLabel = "E", description = "Federated averaging: passes over the batch.")
    private @Nullable Integer epochs;

    @Option(names = "--mini-batch", paramLabel = "N", description = "Federated averaging: sentences of a step.")
    private @Nullable Integer miniBatch;

    @Option(names = "--learning-rate", paramLabel = "LR", description = "Federated averaging: of plain SGD.")
    private @Nullable Double learningRate;

    @Option(
            names = "--float32-weights",
            description = "Federated averaging: the update is the difference of float32 weights, with their rounding,"
                    + " instead of the sum of the gradients.")
    private boolean float32Weights;

    /** True if the client takes several steps. */
    boolean isGiven() {
        return epochs != null || miniBatch != null || learningRate != null || float32Weights;
    }

    /**
     * What a client shares: one step's gradient or an update, protected.
     *
     * @throws CommandFailure if the schedule is incomplete, or DP-SGD is asked of several steps
     * @throws leakmark.attacks.AttackException if it is out of range
     */
    SharedGradient share(
            GradientOracle oracle,
            Protection protection,
            PublicModel model,
            Task task,
            ClientBatch batch,
            java.util.Set<String> names,
            long seed) {
        Schedule schedule = schedule(protection);
        if (schedule == null) {
            return new ProtectedClient(new Client(oracle), protection).share(model, task, batch, names, seed);
        }
        SharedGradient update = new FedAvgClient(
                        oracle, schedule, float32Weights ? Sent.FLOAT32_WEIGHTS : Sent.SUM_OF_GRADIENTS)
                .share(model, task, batch, names);
        return new SharedGradient(task, protection.apply(update.tensors(), ~seed));
    }

    /** Steps times learning rate, which the difference of the weights tells the server; 0 for one step's gradient. */
    double movement(int sequences) {
        return epochs == null || miniBatch == null || learningRate == null
                ? 0
                : new Schedule(epochs, miniBatch, learningRate).steps(sequences) * learningRate;
    }

    /** The schedule, checked; null for one step. */
    @Nullable
    Schedule schedule(Protection protection) {
        if (!isGiven()) {
            return null;
        }
        if (epochs == null || miniBatch == null || learningRate == null) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "an update of unknown steps: federated averaging needs --local-epochs, --mini-batch and --learning-rate");
        }
        if (protection.privacy() != null) {
            throw new CommandFailure(
                    ExitCode.USAGE, "dp-sgd here is for one step; leave out --local-epochs or choose another defence");
        }
        return new Schedule(epochs, miniBatch, learningRate);
    }
}
