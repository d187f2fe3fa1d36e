package leakmark.kernels.vector.matching;

import leakmark.kernels.matching.Layer;
import leakmark.kernels.matching.Shape;

/**
 * A layer's four passes for all images of an attack, which must follow each other in this order. Each returns a buffer that
 * the layer owns and keeps until the same pass of the next evaluation, so that later passes may read what earlier ones
 * were given. Weights, gradient g and direction u are packed as {@link Packing} says.
 */
abstract class VectorLayer {
    /** y = f(x, w). */
    abstract float[] forward(float[] x);

    /** ∂ℓ/∂x from ∂ℓ/∂y; writes ∂ℓ/∂w to {@code g}. */
    abstract float[] backward(float[] dy, float[] g);

    /** d/dε of y, along ẋ and u. */
    abstract float[] tangentForward(float[] xDot, float[] u);

    /** d/dε of ∂ℓ/∂x, from that of ∂ℓ/∂y. */
    abstract float[] tangentBackward(float[] dyDot, float[] u);

    /** {@link #backward} of a layer whose input's gradient nobody needs. */
    void backwardParameters(float[] dy, float[] g) {
        backward(dy, g);
    }

    /**
     * {@link #tangentForward} of a layer whose input has no tangent.
     *
     * @param zeros as large as the input
     */
    float[] tangentForwardParameters(float[] zeros, float[] u) {
        return tangentForward(zeros, u);
    }

    /**
     * A layer's passes.
     *
     * @param w all packed weights
     * @param offset where this layer's begin
     */
    static VectorLayer of(Layer layer, Shape input, int images, float[] w, int offset) {
        Layout in = Layout.of(input, images);
        if (layer instanceof Layer.Convolution convolution) {
            return new VectorConvolution(convolution, (Shape.Image) input, images, w, offset);
        }
        if (layer instanceof Layer.Linear linear) {
            return new VectorLinear(linear, in, w, offset);
        }
        if (layer instanceof Layer.Activation activation) {
            return VectorActivation.of(activation, in.size());
        }
        if (layer instanceof Layer.LayerNorm norm) {
            return new VectorLayerNorm(norm, in, w, offset);
        }
        if (layer instanceof Layer.SelfAttention attention) {
            return new VectorSelfAttention(attention, (Shape.Rows) input, images);
        }
        if (layer instanceof Layer.PositionEmbedding) {
            return new VectorPositionEmbedding(in, images, w, offset);
        }
        if (layer instanceof Layer.MaxPool pool) {
            return new VectorPool((Shape.Image) input, pool.size(), images, true);
        }
        if (layer instanceof Layer.AveragePool pool) {
            return new VectorPool((Shape.Image) input, pool.size(), images, false);
        }
        if (layer instanceof Layer.Residual residual) {
            return new VectorResidual(residual, input, images, w, offset);
        }
        return new VectorRearrangement(layer, input, images);
    }
}
