package leakmark.attacks.client;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import leakmark.attacks.AttackException;
import leakmark.attacks.GradientOracle;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.model.Architecture;
import leakmark.attacks.model.BertNames;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.ParameterNames;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;

/** A client that takes one step of federated SGD and shares its gradient. */
public final class Client {
    private final GradientOracle oracle;

    /** @param oracle computes the gradients */
    public Client(GradientOracle oracle) {
        this.oracle = oracle;
    }

    /**
     * The gradient of the task's mean loss over a batch.
     *
     * @param names parameters whose gradients are shared
     * @throws AttackException if the batch does not fit the model, or a gradient is not finite
     */
    public SharedGradient share(PublicModel model, Task task, ClientBatch batch, Set<String> names) {
        Map<String, Tensor> gradient = oracle.gradient(model, task, batch.tokens(), names);
        gradient.forEach(Client::checkFinite);
        return new SharedGradient(task, gradient);
    }

    /** What the attack on that model reads. */
    public static Set<String> attackNames(ModelConfiguration configuration, Task task) {
        return configuration.architecture() == Architecture.BERT
                ? encoderAttackNames(configuration, task)
                : decoderAttackNames(configuration, task);
    }

    /** What the encoder attack reads: query, key and value of the first two layers, and the head. */
    public static Set<String> encoderAttackNames(ModelConfiguration configuration, Task task) {
        Set<String> names = new LinkedHashSet<>();
        for (int layer = 0; layer < Math.min(2, configuration.layers()); layer++) {
            names.add(BertNames.query(layer));
            names.add(BertNames.key(layer));
            names.add(BertNames.value(layer));
        }
        if (task == Task.CLASSIFICATION) {
            names.add(BertNames.POOLER);
            names.add(BertNames.CLASSIFIER);
            names.add(BertNames.CLASSIFIER_BIAS);
        } else {
            names.add(BertNames.PREDICTION);
            names.add(BertNames.PREDICTION_LOGIT_BIAS);
        }
        return names;
    }

    /** What the decoder attack reads: the first block's matrices, the second's attention input, and the head. */
    public static Set<String> decoderAttackNames(ModelConfiguration configuration, Task task) {
        Set<String> names = new LinkedHashSet<>();
        names.add(ParameterNames.queryKeyValue(0));
        names.add(ParameterNames.attentionOutput(0));
        names.add(ParameterNames.mlpInput(0));
        if (configuration.layers() > 1) {
            names.add(ParameterNames.queryKeyValue(1));
        }
        names.add(ParameterNames.FINAL_NORM_SCALE);
        names.add(ParameterNames.FINAL_NORM_SHIFT);
        if (task == Task.CLASSIFICATION) {
            names.add(ParameterNames.CLASSIFIER);
        }
        return names;
    }

    /** What the attack on an update of several steps reads: besides, all that moves the inputs of the spans it tests. */
    public static Set<String> updateNames(ModelConfiguration configuration, Task task) {
        if (configuration.architecture() == Architecture.BERT) {
            return encoderAttackNames(configuration, task);
        }
        Set<String> names = decoderAttackNames(configuration, task);
        configuration.parameterShapes().keySet().stream()
                .filter(name -> name.startsWith("h.0."))
                .forEach(names::add);
        if (configuration.layers() > 1) {
            names.add(ParameterNames.attentionNormScale(1));
            names.add(ParameterNames.attentionNormShift(1));
        }
        return names;
    }

    private static void checkFinite(String name, Tensor gradient) {
        for (float value : gradient.data()) {
            if (!Float.isFinite(value)) {
                throw new AttackException(
                        "the gradient of " + name + " has a value that is " + value + "; check the model's weights");
            }
        }
    }
}
