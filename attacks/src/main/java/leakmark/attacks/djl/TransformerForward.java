package leakmark.attacks.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import leakmark.attacks.Task;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.model.ParameterNames;
import org.jspecify.annotations.Nullable;

/**
 * GPT-2's forward pass over packed rows (n × d): {@code x += attention(LN(x)); x += mlp(LN(x))} per block, then a last
 * LayerNorm. Attention is written out, since PyTorch's fused one leaves no freedom on the CPU and saves little here.
 */
final class TransformerForward extends ModelForward {
    /** √(2/π) and the cubic coefficient of GELU's tanh form. */
    private static final double GELU_SCALE = Math.sqrt(2 / Math.PI);

    private static final double GELU_CUBIC = 0.044715;

    private Dropout.@Nullable Masks masks;

    TransformerForward(ResidentModel model, NDManager call, Set<String> wanted) {
        super(model, call, wanted);
    }

    @Override
    void drop(Dropout dropout) {
        masks = dropout.step();
    }

    private NDArray dropped(NDArray x) {
        return masks == null ? x : masks.on(x);
    }

    @Override
    NDArray hiddenStates(PackedBatch batch) {
        NDArray x = dropped(rows(parameter(ParameterNames.TOKEN_EMBEDDING), batch.tokens)
                .addi(rows(parameter(ParameterNames.POSITION_EMBEDDING), batch.positions)));
        NDArray mask = causalMask(batch.tokens.getManager(), batch.longest);
        for (int layer = 0; layer < configuration.layers(); layer++) {
            NDArray normed =
                    norm(x, ParameterNames.attentionNormScale(layer), ParameterNames.attentionNormShift(layer));
            x = dropped(attention(normed, mask, batch, layer)).addi(x);
            normed = norm(x, ParameterNames.mlpNormScale(layer), ParameterNames.mlpNormShift(layer));
            x = dropped(mlp(normed, layer)).addi(x);
        }
        return norm(x, ParameterNames.FINAL_NORM_SCALE, ParameterNames.FINAL_NORM_SHIFT);
    }

    private NDArray attention(NDArray normed, NDArray mask, PackedBatch batch, int layer) {
        int heads = configuration.heads();
        int size = configuration.headSize();
        NDArray projected = probed(
                linear(normed, ParameterNames.queryKeyValue(layer), ParameterNames.queryKeyValueBias(layer)),
                layer); // n × 3d
        if (batch.toRectangle != null) {
            projected = rows(projected, batch.toRectangle);
        }
        NDList parts = projected
                .reshape(batch.sequences, batch.longest, 3L * heads, size)
                .transpose(0, 2, 1, 3) // B × 3H × L × d_h
                .split(3, 1);
        NDArray query = parts.get(0).mul(constant(1 / Math.sqrt(size)));
        NDArray scores = query.matMul(parts.get(1).swapAxes(2, 3)).addi(mask); // B × H × L × L
        NDArray mixed = dropped(scores.softmax(-1))
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

    @Override
    NDArray loss(NDArray hidden, PackedBatch packed, Task task, TokenBatch batch, List<Integer> part) {
        List<Long> rows = new ArrayList<>();
        List<Long> targets = new ArrayList<>();
        for (int s = 0; s < part.size(); s++) {
            int last = packed.length(s) - 1;
            if (task == Task.CLASSIFICATION) {
                rows.add((long) packed.starts[s] + last);
                targets.add((long) batch.labels()[part.get(s)]);
            } else {
                int[] sequence = batch.sequences().get(part.get(s));
                for (int i = 0; i < last; i++) {
                    rows.add((long) packed.starts[s] + i);
                    targets.add((long) sequence[i + 1]);
                }
            }
        }
        if (rows.isEmpty()) {
            return hidden.sum().mul(constant(0));
        }
        int predictions = task == Task.CLASSIFICATION ? batch.sequences().size() : BatchCheck.predictedTokens(batch);
        NDArray predicting = rows(hidden, hidden.getManager().create(longs(rows)));
        NDArray head = task == Task.CLASSIFICATION
                ? parameter(ParameterNames.CLASSIFIER)
                : parameter(ParameterNames.TOKEN_EMBEDDING).transpose();
        return crossEntropy(predicting.matMul(head), targets, predictions);
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
