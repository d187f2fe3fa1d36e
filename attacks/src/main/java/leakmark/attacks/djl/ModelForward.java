package leakmark.attacks.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import leakmark.attacks.AttackException;
import leakmark.attacks.Task;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.model.Architecture;
import leakmark.attacks.model.ModelConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * A forward pass over packed rows (n × d).
 *
 * <p>Results belong to the manager of the first operand: every line starts from an activation, never from a parameter,
 * so that activations go when the batch's manager closes.
 */
abstract class ModelForward {
    final ModelConfiguration configuration;
    private final ResidentModel model;
    private final NDManager call;
    private final Set<String> wanted;
    private final Map<String, NDArray> handles = new HashMap<>();
    private final Map<Double, NDArray> constants = new HashMap<>();
    private @Nullable List<NDArray> probes;

    /**
     * @param call owns the parameters' handles
     * @param wanted parameters that collect a gradient
     */
    ModelForward(ResidentModel model, NDManager call, Set<String> wanted) {
        this.configuration = model.configuration();
        this.model = model;
        this.call = call;
        this.wanted = wanted;
    }

    /** The pass of the model's architecture. */
    static ModelForward of(ResidentModel model, NDManager call, Set<String> wanted) {
        return model.configuration().architecture() == Architecture.BERT
                ? new BertForward(model, call, wanted)
                : new TransformerForward(model, call, wanted);
    }

    /**
     * From now on values are dropped as in training.
     *
     * @throws AttackException if this architecture is not trained so here
     */
    void drop(Dropout dropout) {
        throw new AttackException("dropout of " + dropout.rate() + " is for decoders such as gpt2");
    }

    /** Last hidden states, n × d. */
    abstract NDArray hiddenStates(PackedBatch batch);

    /**
     * A part's share of the task's mean loss: its summed cross-entropy over the whole batch's number of predictions.
     *
     * @param part the sequences of {@code batch} that {@code packed} holds
     */
    abstract NDArray loss(NDArray hidden, PackedBatch packed, Task task, TokenBatch batch, List<Integer> part);

    /** From now on the first layer's projections carry a probe: zeros whose gradient is the projection's. */
    void startProbing() {
        probes = new ArrayList<>();
    }

    /** What {@link #startProbing} wanted: the probes of the last pass, in the order query, key (and value). */
    List<NDArray> probes() {
        return probes == null ? List.of() : List.copyOf(probes);
    }

    /** A projection (n × m) of the layer, with a probe where one is wanted. */
    NDArray probed(NDArray projected, int layer) {
        if (probes == null || layer > 0) {
            return projected;
        }
        NDArray probe = projected.getManager().zeros(projected.getShape(), projected.getDataType());
        probe.setRequiresGradient(true);
        probes.add(probe);
        return projected.add(probe);
    }

    /** A parameter's handle, the same one at each use, so that a tied matrix adds up its gradients. */
    NDArray parameter(String name) {
        NDArray known = handles.get(name);
        if (known == null) {
            known = model.handle(name, call);
            known.setRequiresGradient(wanted.contains(name));
            handles.put(name, known);
        }
        return known;
    }

    /** Rows of a matrix by index; the gradient adds into the rows taken. */
    static NDArray rows(NDArray matrix, NDArray indexes) {
        NDList taken = indexes.getNDArrayInternal().embedding(indexes, matrix, SparseFormat.DENSE);
        return taken.singletonOrThrow();
    }

    /**
     * A factor as an array that lives as long as the call. DJL's own {@code mul(Number)} wraps the number in Java memory and lets
     * go of it at once, while autograd keeps the address for the backward pass: a garbage collection in between turned
     * whole gradients into zeros.
     */
    NDArray constant(double value) {
        return constants.computeIfAbsent(value, v -> call.create(v.floatValue()));
    }

    /** {@code x W + b}. */
    NDArray linear(NDArray x, String matrix, String bias) {
        return x.matMul(parameter(matrix)).addi(parameter(bias));
    }

    /** LayerNorm. */
    NDArray norm(NDArray x, String scale, String shift) {
        return x.getNDArrayInternal()
                .layerNorm(x, new Shape(configuration.hiddenSize()), parameter(scale), parameter(shift), (float)
                        configuration.layerNormEpsilon())
                .singletonOrThrow();
    }

    /** Summed cross-entropy of logits (m × classes) over a number of predictions. */
    NDArray crossEntropy(NDArray logits, List<Long> targets, int predictions) {
        NDManager manager = logits.getManager();
        NDArray target = manager.create(longs(targets), new Shape(targets.size(), 1));
        return logits.logSoftmax(1).gather(target, 1).sum().mul(constant(-1.0 / predictions));
    }

    static long[] longs(List<Long> values) {
        return values.stream().mapToLong(Long::longValue).toArray();
    }
}
