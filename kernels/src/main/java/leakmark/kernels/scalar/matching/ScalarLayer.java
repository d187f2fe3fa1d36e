package leakmark.kernels.scalar.matching;

import leakmark.kernels.matching.Layer;
import leakmark.kernels.matching.Shape;

/**
 * A layer's four passes for one image, which must follow each other in this order; each keeps what the later ones need.
 * The arrays of parameters, their gradient and their direction are those of the whole network.
 */
abstract class ScalarLayer {
    /** y = f(x, w). */
    abstract double[] forward(double[] x, double[] w);

    /** ∂ℓ/∂x from ∂ℓ/∂y; adds ∂ℓ/∂w to {@code g}. */
    abstract double[] backward(double[] dy, double[] w, double[] g);

    /** d/dε of y, along ẋ and u. */
    abstract double[] tangentForward(double[] xDot, double[] w, double[] u);

    /** d/dε of ∂ℓ/∂x, from that of ∂ℓ/∂y. */
    abstract double[] tangentBackward(double[] dyDot, double[] w, double[] u);

    static ScalarLayer of(Layer layer, Shape input, int offset) {
        if (layer instanceof Layer.Convolution convolution) {
            return new ScalarConvolution(convolution, (Shape.Image) input, offset);
        }
        if (layer instanceof Layer.Linear linear) {
            return new ScalarLinear(linear, (Shape.Rows) input, offset);
        }
        if (layer instanceof Layer.Activation activation) {
            return new ScalarActivation(activation);
        }
        if (layer instanceof Layer.LayerNorm norm) {
            return new ScalarLayerNorm(norm, offset);
        }
        if (layer instanceof Layer.SelfAttention attention) {
            return new ScalarSelfAttention(attention, (Shape.Rows) input);
        }
        if (layer instanceof Layer.PositionEmbedding) {
            return new ScalarPositionEmbedding(offset);
        }
        if (layer instanceof Layer.MaxPool pool) {
            return new ScalarSelection.Max(pool, (Shape.Image) input);
        }
        if (layer instanceof Layer.Residual residual) {
            return new ScalarResidual(residual, input, offset);
        }
        return ScalarSelection.of(layer, input);
    }
}
