package leakmark.kernels.vector.matching;

import java.util.ArrayList;
import java.util.List;
import leakmark.kernels.matching.Layer;
import leakmark.kernels.matching.Shape;

/** Layers one after the other; none is the identity. */
final class VectorSequence extends VectorLayer {
    private final VectorLayer[] layers;
    /** The first layer with parameters: before it there is no tangent forward, and no gradient is needed. */
    private final int first;

    private final float[] zeros;

    VectorSequence(List<Layer> list, Shape input, int images, float[] w, int offset) {
        List<VectorLayer> passes = new ArrayList<>();
        Shape shape = input;
        int at = offset;
        int found = list.size();
        int firstInput = 0;
        for (Layer layer : list) {
            if (layer.parameterCount() > 0 && found == list.size()) {
                found = passes.size();
                firstInput = Layout.of(shape, images).size();
            }
            passes.add(VectorLayer.of(layer, shape, images, w, at));
            at += Packing.size(layer);
            shape = layer.output(shape);
        }
        layers = passes.toArray(VectorLayer[]::new);
        first = found;
        zeros = new float[firstInput];
    }

    /** The last layer. */
    VectorLayer last() {
        return layers[layers.length - 1];
    }

    @Override
    float[] forward(float[] x) {
        float[] y = x;
        for (VectorLayer layer : layers) {
            y = layer.forward(y);
        }
        return y;
    }

    @Override
    float[] backward(float[] dy, float[] g) {
        float[] dx = dy;
        for (int i = layers.length - 1; i >= 0; i--) {
            dx = layers[i].backward(dx, g);
        }
        return dx;
    }

    /** {@link #backward} without the gradient of the input. */
    void firstBackward(float[] dy, float[] g) {
        float[] dx = dy;
        for (int i = layers.length - 1; i > first; i--) {
            dx = layers[i].backward(dx, g);
        }
        layers[first].backwardParameters(dx, g);
    }

    @Override
    float[] tangentForward(float[] xDot, float[] u) {
        float[] y = xDot;
        for (VectorLayer layer : layers) {
            y = layer.tangentForward(y, u);
        }
        return y;
    }

    /** {@link #tangentForward} of an input without tangent. */
    float[] firstTangentForward(float[] u) {
        float[] y = layers[first].tangentForwardParameters(zeros, u);
        for (int i = first + 1; i < layers.length; i++) {
            y = layers[i].tangentForward(y, u);
        }
        return y;
    }

    /** {@link #tangentBackward} after these two: without tangent, the passes of layers without parameters are linear. */
    float[] firstTangentBackward(float[] dyDot, float[] u) {
        float[] dx = dyDot;
        for (int i = layers.length - 1; i >= 0; i--) {
            dx = i >= first ? layers[i].tangentBackward(dx, u) : layers[i].backward(dx, u);
        }
        return dx;
    }

    @Override
    float[] tangentBackward(float[] dyDot, float[] u) {
        float[] dx = dyDot;
        for (int i = layers.length - 1; i >= 0; i--) {
            dx = layers[i].tangentBackward(dx, u);
        }
        return dx;
    }
}
