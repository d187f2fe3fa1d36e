package leakmark.attacks.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.ParameterNames;

/**
 * GPT-2's forward pass over packed rows (n × d): {@code x += attention(LN(x)); x += mlp(LN(x))} per block, then a last
 * LayerNorm. Attention is written out, since PyTorch's fused one leaves no freedom on the CPU and saves little here.
 *
 * <p>Results belong to the manager of the first operand: every line starts from an activation, never from a parameter,
 * so that activations go when the batch's manager closes.
 */
final class TransformerForward {
    /** √(2/π) and the cubic coefficient of GELU's tanh form. */
    private static final double GELU_SCALE = Math.sqrt(2 / Math.PI);

    private static final double GELU_CUBIC = 0.044715;

    private final ModelConfiguration configuration;
    private final ResidentModel model;
    private final NDManager call;
    private final Set<String> wanted;
    private final Map<String, NDArray> handles = new HashMap<>();
    private final Map<Double, NDArray> constants = new HashMap<>();

    /**
     * @param call owns the parameters' handles
     * @param wanted parameters that collect a gradient
     */
    TransformerForward(ResidentModel model, NDManager call, Set<String> wanted) {
        this.configuration = model.configuration();
        this.model = model;
        this.call = call;
        this.wanted = wanted;
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

    /** Hidden states after the last LayerNorm, n × d. */
    NDArray hiddenStates(PackedBatch batch) {
        NDArray x = rows(parameter(ParameterNames.TOKEN_EMBEDDING), batch.tokens)
                .addi(rows(parameter(ParameterNames.POSITION_EMBEDDING), batch.positions));
        NDArray mask = causalMask(batch.tokens.getManager(), batch.longest);
        for (int layer = 0; layer < configuration.layers(); layer++) {
            NDArray normed =
                    norm(x, ParameterNames.attentionNormScale(layer), ParameterNames.attentionNormShift(layer));
            x = attention(normed, mask, batch, layer).addi(x);
            normed = norm(x, ParameterNames.mlpNormScale(layer), ParameterNames.mlpNormShift(layer));
            x = mlp(normed, layer).addi(x);
        }
        return norm(x, ParameterNames.FINAL_NORM_SCALE, ParameterNames.FINAL_NORM_SHIFT);
    }

    private NDArray attention(NDArray normed, NDArray mask, PackedBatch batch, int layer) {
        int heads = configuration.heads();
        int size = configuration.headSize();
        NDArray projected =
                linear(normed, ParameterNames.queryKeyValue(layer), ParameterNames.queryKeyValueBias(layer)); // n × 3d
        if (batch.toRectangle != null) {
            projected = rows(projected, batch.toRectangle);
        }
        NDList parts = projected
                .reshape(batch.sequences, batch.longest, 3L * heads, size)
                .transpose(0, 2, 1, 3) // B × 3H × L × d_h
                .split(3, 1);
        NDArray query = parts.get(0).mul(constant(1 / Math.sqrt(size)));
        NDArray scores = query.matMul(parts.get(1).swapAxes(2, 3)).addi(mask); // B × H × L × L
        NDArray mixed = scores.softmax(-1)
                .matMul(parts.get(2))
                .transpose(0, 2, 1, 3)
                .reshape((long) batch.sequences * batch.longest, configuration.hiddenSize());
        if (batch.fromRectangle != null) {
            mixed = rows(mixed, batch.fromRectangle);
        }
        return linear(mixed, ParameterNames.attentionOutput(layer), ParameterNames.attentionOutputBias(layer));
    }

    private NDArray mlp(NDArray normed, int layer) {
        NDArray inner = linear(normed, ParameterNames.mlpInput(layer), ParameterNames.mlpInputBias(layer));
        return linear(gelu(inner), ParameterNames.mlpOutput(layer), ParameterNames.mlpOutputBias(layer));
    }

    /** {@code x/2 · (1 + tanh(√(2/π)(x + 0.044715 x³)))}, as {@code x · sigmoid(2√(2/π)(x + 0.044715 x³))}: fewer passes. */
    private NDArray gelu(NDArray x) {
        NDArray argument = x.square()
                .muli(constant(2 * GELU_SCALE * GELU_CUBIC))
                .addi(constant(2 * GELU_SCALE))
                .mul(x);
        return argument.getNDArrayInternal().sigmoid().mul(x);
    }

    /**
     * A factor as an array that lives as long as the call. DJL's own {@code mul(Number)} wraps the number in Java memory and lets
     * go of it at once, while autograd keeps the address for the backward pass: a garbage collection in between turned
     * whole gradients into zeros.
     */
    NDArray constant(double value) {
        return constants.computeIfAbsent(value, v -> call.create(v.floatValue()));
    }

    private NDArray linear(NDArray x, String matrix, String bias) {
        return x.matMul(parameter(matrix)).addi(parameter(bias));
    }

    private NDArray norm(NDArray x, String scale, String shift) {
        return x.getNDArrayInternal()
                .layerNorm(x, new Shape(configuration.hiddenSize()), parameter(scale), parameter(shift), (float)
                        configuration.layerNormEpsilon())
                .singletonOrThrow();
    }

    /** L × L: 0 where the key is not later than the query, −∞ elsewhere. */
    private static NDArray causalMask(NDManager manager, int length) {
        float[] mask = new float[length * length];
        for (int query = 0; query < length; query++) {
            for (int key = query + 1; key < length; key++) {
                mask[query * length + key] = Float.NEGATIVE_INFINITY;
            }
        }
        return manager.create(mask, new Shape(length, length));
    }
}
