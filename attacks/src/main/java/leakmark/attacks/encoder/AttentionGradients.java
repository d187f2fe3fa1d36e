package leakmark.attacks.encoder;

import java.util.Arrays;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.encoder.TokenGradients.Side;
import leakmark.attacks.model.Architecture;
import leakmark.attacks.model.BertNames;
import leakmark.attacks.model.ParameterNames;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import leakmark.kernels.Matrix;

/** Query, key and value gradients: BERT has three matrices (d × d), GPT-2 one (d × 3d). */
final class AttentionGradients {
    private AttentionGradients() {}

    /** All three of a layer side by side, d × 3d. */
    static Matrix stacked(PublicModel model, SharedGradient gradient, int layer) {
        Tensor g = model.configuration().architecture() == Architecture.BERT
                ? Tensor.beside(
                        gradient.get(BertNames.query(layer)),
                        gradient.get(BertNames.key(layer)),
                        gradient.get(BertNames.value(layer)))
                : gradient.get(ParameterNames.queryKeyValue(layer));
        return new Matrix(g.rows(), g.columns(), g.data());
    }

    /** Layer 1's query. */
    static Side query(PublicModel model, SharedGradient gradient) {
        return side(model, gradient, 0, BertNames.query(0), BertNames.queryBias(0));
    }

    /** Layer 1's key. */
    static Side key(PublicModel model, SharedGradient gradient) {
        return side(model, gradient, 1, BertNames.key(0), BertNames.keyBias(0));
    }

    private static Side side(PublicModel model, SharedGradient gradient, int part, String weight, String bias) {
        if (model.configuration().architecture() == Architecture.BERT) {
            return new Side(
                    gradient.get(weight).data(),
                    model.weight(weight).data(),
                    model.weight(bias).data());
        }
        int d = model.configuration().hiddenSize();
        String name = ParameterNames.queryKeyValue(0);
        return new Side(
                columns(gradient.get(name), part * d, d),
                columns(model.weight(name), part * d, d),
                Arrays.copyOfRange(
                        model.weight(ParameterNames.queryKeyValueBias(0)).data(), part * d, (part + 1) * d));
    }

    private static float[] columns(Tensor matrix, int from, int count) {
        float[] result = new float[matrix.rows() * count];
        for (int row = 0; row < matrix.rows(); row++) {
            System.arraycopy(matrix.data(), row * matrix.columns() + from, result, row * count, count);
        }
        return result;
    }
}
