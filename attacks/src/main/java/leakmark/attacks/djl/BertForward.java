package leakmark.attacks.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import leakmark.attacks.Task;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.model.BertNames;
import org.jspecify.annotations.Nullable;

/**
 * BERT's forward pass, without dropout: {@code x = LN(embeddings); x = LN(x + attention(x)); x = LN(x + mlp(x))} per layer,
 * all sequences segment 0.
 */
final class BertForward extends ModelForward {
    BertForward(ResidentModel model, NDManager call, Set<String> wanted) {
        super(model, call, wanted);
    }

    @Override
    NDArray hiddenStates(PackedBatch batch) {
        NDArray firstSegment = batch.tokens.getManager().zeros(batch.tokens.getShape(), batch.tokens.getDataType());
        NDArray x = rows(parameter(BertNames.TOKEN_EMBEDDING), batch.tokens)
                .addi(rows(parameter(BertNames.POSITION_EMBEDDING), batch.positions))
                .addi(rows(parameter(BertNames.TYPE_EMBEDDING), firstSegment));
        x = norm(x, BertNames.EMBEDDING_NORM_SCALE, BertNames.EMBEDDING_NORM_SHIFT);
        NDArray mask = padding(batch);
        for (int layer = 0; layer < configuration.layers(); layer++) {
            x = norm(
                    attention(x, mask, batch, layer).addi(x),
                    BertNames.attentionNormScale(layer),
                    BertNames.attentionNormShift(layer));
            x = norm(mlp(x, layer).addi(x), BertNames.outputNormScale(layer), BertNames.outputNormShift(layer));
        }
        return x;
    }

    private NDArray attention(NDArray x, @Nullable NDArray mask, PackedBatch batch, int layer) {
        NDArray query = heads(probed(linear(x, BertNames.query(layer), BertNames.queryBias(layer)), layer), batch)
                .mul(constant(1 / Math.sqrt(configuration.headSize())));
        NDArray key = heads(probed(linear(x, BertNames.key(layer), BertNames.keyBias(layer)), layer), batch);
        NDArray value = heads(linear(x, BertNames.value(layer), BertNames.valueBias(layer)), batch);
        NDArray scores = query.matMul(key.swapAxes(2, 3)); // B × H × L × L
        if (mask != null) {
            scores = scores.addi(mask);
        }
        NDArray mixed = scores.softmax(-1)
                .matMul(value)
                .transpose(0, 2, 1, 3)
                .reshape((long) batch.sequences * batch.longest, configuration.hiddenSize());
        if (batch.fromRectangle != null) {
            mixed = rows(mixed, batch.fromRectangle);
        }
        return linear(mixed, BertNames.attentionOutput(layer), BertNames.attentionOutputBias(layer));
    }

    /** n × d to B × H × L × d_h. */
    private NDArray heads(NDArray projected, PackedBatch batch) {
        NDArray rectangle = batch.toRectangle == null ? projected : rows(projected, batch.toRectangle);
        return rectangle
                .reshape(batch.sequences, batch.longest, configuration.heads(), configuration.headSize())
                .transpose(0, 2, 1, 3);
    }

    private NDArray mlp(NDArray x, int layer) {
        NDArray inner = linear(x, BertNames.mlpInput(layer), BertNames.mlpInputBias(layer));
        return linear(inner.getNDArrayInternal().gelu(), BertNames.mlpOutput(layer), BertNames.mlpOutputBias(layer));
    }

    /** B × 1 × 1 × L: 0 for the keys a sequence has, −∞ for the rectangle's spare cells; null if there are none. */
    private static @Nullable NDArray padding(PackedBatch batch) {
        if (batch.toRectangle == null) {
            return null;
        }
        float[] mask = new float[batch.sequences * batch.longest];
        for (int s = 0; s < batch.sequences; s++) {
            for (int key = batch.length(s); key < batch.longest; key++) {
                mask[s * batch.longest + key] = Float.NEGATIVE_INFINITY;
            }
        }
        return batch.tokens.getManager().create(mask, new Shape(batch.sequences, 1, 1, batch.longest));
    }

    @Override
    NDArray loss(NDArray hidden, PackedBatch packed, Task task, TokenBatch batch, List<Integer> part) {
        List<Long> rows = new ArrayList<>();
        List<Long> targets = new ArrayList<>();
        for (int s = 0; s < part.size(); s++) {
            if (task == Task.CLASSIFICATION) {
                rows.add((long) packed.starts[s]);
                targets.add((long) batch.labels()[part.get(s)]);
            } else {
                int[] masked = batch.targets().get(part.get(s));
                for (int i = 0; i < masked.length; i++) {
                    if (masked[i] != TokenBatch.NO_TARGET) {
                        rows.add((long) packed.starts[s] + i);
                        targets.add((long) masked[i]);
                    }
                }
            }
        }
        if (rows.isEmpty()) {
            return hidden.sum().mul(constant(0));
        }
        NDArray predicting = rows(hidden, hidden.getManager().create(longs(rows)));
        return task == Task.CLASSIFICATION
                ? crossEntropy(classes(predicting), targets, batch.sequences().size())
                : crossEntropy(words(predicting), targets, batch.targetCount());
    }

    private NDArray classes(NDArray first) {
        NDArray pooled = linear(first, BertNames.POOLER, BertNames.POOLER_BIAS);
        return linear(pooled.getNDArrayInternal().tanh(), BertNames.CLASSIFIER, BertNames.CLASSIFIER_BIAS);
    }

    private NDArray words(NDArray masked) {
        NDArray transformed = linear(masked, BertNames.PREDICTION, BertNames.PREDICTION_BIAS);
        NDArray normed = norm(
                transformed.getNDArrayInternal().gelu(),
                BertNames.PREDICTION_NORM_SCALE,
                BertNames.PREDICTION_NORM_SHIFT);
        return normed.matMul(parameter(BertNames.TOKEN_EMBEDDING).transpose())
                .addi(parameter(BertNames.PREDICTION_LOGIT_BIAS));
    }
}
