package leakmark.attacks.published;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.model.ParameterNames;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;

/** The client: float32 gradients of both query-key-value weights, from primitive operators, sequence by sequence. */
final class EagerClient {
    private final PublicModel model;
    private final NDManager manager;
    private final Map<String, NDArray> weights = new HashMap<>();

    private EagerClient(PublicModel model, NDManager manager) {
        this.model = model;
        this.manager = manager;
    }

    static SharedGradient gradient(PublicModel model, Task task, TokenBatch batch) {
        Engine engine = Engine.getEngine("PyTorch");
        try (NDManager manager = engine.newBaseManager(Device.cpu());
                GradientCollector collector = engine.newGradientCollector()) {
            EagerClient client = new EagerClient(model, manager);
            String[] wanted = {ParameterNames.queryKeyValue(0), ParameterNames.queryKeyValue(1)};
            for (String name : wanted) {
                client.weight(name).setRequiresGradient(true);
            }
            collector.backward(client.loss(task, batch));
            Map<String, Tensor> gradients = new LinkedHashMap<>();
            for (String name : wanted) {
                gradients.put(
                        name,
                        new Tensor(
                                model.weight(name).shape(),
                                client.weight(name).getGradient().toFloatArray()));
            }
            return new SharedGradient(task, gradients);
        }
    }

    /**
     * An operand that lives as long as the manager. DJL frees the memory of a {@code Number} after the operation, which then
     * misses it on the way back.
     */
    private NDArray constant(double value) {
        return manager.create((float) value);
    }

    private NDArray weight(String name) {
        return weights.computeIfAbsent(name, key -> {
            Tensor tensor = model.weight(key);
            long[] shape = new long[tensor.shape().length];
            for (int i = 0; i < shape.length; i++) {
                shape[i] = tensor.shape()[i];
            }
            return manager.create(FloatBuffer.wrap(tensor.data()), new Shape(shape));
        });
    }

    private NDArray loss(Task task, TokenBatch batch) {
        NDList terms = new NDList();
        for (int s = 0; s < batch.sequences().size(); s++) {
            int[] ids = batch.sequences().get(s);
            NDArray hidden = hidden(ids, batch.offsets()[s]);
            if (task == Task.CLASSIFICATION) {
                NDArray last = hidden.get("-1:");
                NDArray logits = last.matMul(weight(ParameterNames.CLASSIFIER));
                terms.add(negativeLogLikelihood(logits, 0, batch.labels()[s]));
            } else {
                NDArray logits =
                        hidden.matMul(weight(ParameterNames.TOKEN_EMBEDDING).transpose());
                for (int i = 0; i + 1 < ids.length; i++) {
                    terms.add(negativeLogLikelihood(logits, i, ids[i + 1]));
                }
            }
        }
        NDArray sum = terms.get(0);
        for (int i = 1; i < terms.size(); i++) {
            sum = sum.add(terms.get(i));
        }
        return sum.div(constant(terms.size()));
    }

    private static NDArray negativeLogLikelihood(NDArray logits, int row, int label) {
        return logits.get(row).logSoftmax(-1).get(label).neg();
    }

    private NDArray hidden(int[] ids, int offset) {
        int length = ids.length;
        NDArray h = weight(ParameterNames.TOKEN_EMBEDDING)
                .get(manager.create(ids))
                .add(weight(ParameterNames.POSITION_EMBEDDING).get(offset + ":" + (offset + length)));
        for (int layer = 0; layer < model.configuration().layers(); layer++) {
            NDArray x = norm(
                    h,
                    weight(ParameterNames.attentionNormScale(layer)),
                    weight(ParameterNames.attentionNormShift(layer)));
            NDArray attention = attention(x, layer)
                    .matMul(weight(ParameterNames.attentionOutput(layer)))
                    .add(weight(ParameterNames.attentionOutputBias(layer)));
            h = h.add(attention);
            x = norm(h, weight(ParameterNames.mlpNormScale(layer)), weight(ParameterNames.mlpNormShift(layer)));
            NDArray inner = gelu(
                    x.matMul(weight(ParameterNames.mlpInput(layer))).add(weight(ParameterNames.mlpInputBias(layer))));
            h = h.add(inner.matMul(weight(ParameterNames.mlpOutput(layer)))
                    .add(weight(ParameterNames.mlpOutputBias(layer))));
        }
        return norm(h, weight(ParameterNames.FINAL_NORM_SCALE), weight(ParameterNames.FINAL_NORM_SHIFT));
    }

    private NDArray attention(NDArray x, int layer) {
        int d = model.configuration().hiddenSize();
        int size = model.configuration().headSize();
        int length = (int) x.getShape().get(0);
        NDArray qkv = x.matMul(weight(ParameterNames.queryKeyValue(layer)))
                .add(weight(ParameterNames.queryKeyValueBias(layer)));
        float[] mask = new float[length * length];
        for (int i = 0; i < length; i++) {
            for (int j = i + 1; j < length; j++) {
                mask[i * length + j] = -1e9f;
            }
        }
        NDArray causal = manager.create(mask, new Shape(length, length));
        NDList heads = new NDList();
        for (int head = 0; head < model.configuration().heads(); head++) {
            NDArray q = columns(qkv, head * size, size);
            NDArray k = columns(qkv, d + head * size, size);
            NDArray v = columns(qkv, 2 * d + head * size, size);
            NDArray scores =
                    q.matMul(k.transpose()).div(constant(Math.sqrt(size))).add(causal);
            heads.add(scores.softmax(-1).matMul(v));
        }
        return NDArrays.concat(heads, 1);
    }

    private static NDArray columns(NDArray matrix, int from, int count) {
        return matrix.get(":, " + from + ":" + (from + count));
    }

    private NDArray norm(NDArray h, NDArray scale, NDArray shift) {
        NDArray centred = h.sub(h.mean(new int[] {-1}, true));
        NDArray variance = centred.square().mean(new int[] {-1}, true);
        return centred.div(variance.add(constant(model.configuration().layerNormEpsilon()))
                        .sqrt())
                .mul(scale)
                .add(shift);
    }

    private NDArray gelu(NDArray x) {
        NDArray inner = x.add(x.mul(x).mul(x).mul(constant(0.044715))).mul(constant(Math.sqrt(2 / Math.PI)));
        return x.mul(constant(0.5)).mul(inner.tanh().add(constant(1)));
    }
}
