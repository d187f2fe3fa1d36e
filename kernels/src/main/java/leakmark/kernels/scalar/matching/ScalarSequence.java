package leakmark.kernels.scalar.matching;

import java.util.ArrayList;
import java.util.List;
import leakmark.kernels.matching.Layer;
import leakmark.kernels.matching.Shape;

/** Layers one after the other; none is the identity. */
final class ScalarSequence extends ScalarLayer {
    private final List<ScalarLayer> layers = new ArrayList<>();
    private final int end;

    ScalarSequence(List<Layer> list, Shape input, int offset) {
        Shape shape = input;
        int at = offset;
        for (Layer layer : list) {
            layers.add(ScalarLayer.of(layer, shape, at));
            at += layer.parameterCount();
            shape = layer.output(shape);
        }
        end = at;
    }

    /** Offset after the last parameter. */
    int end() {
        return end;
    }

    @Override
    double[] forward(double[] x, double[] w) {
        double[] y = x;
        for (ScalarLayer layer : layers) {
            y = layer.forward(y, w);
        }
        return y;
    }

    @Override
    double[] backward(double[] dy, double[] w, double[] g) {
        double[] dx = dy;
        for (int i = layers.size() - 1; i >= 0; i--) {
            dx = layers.get(i).backward(dx, w, g);
        }
        return dx;
    }

    @Override
    double[] tangentForward(double[] xDot, double[] w, double[] u) {
        double[] y = xDot;
        for (ScalarLayer layer : layers) {
            y = layer.tangentForward(y, w, u);
        }
        return y;
    }

    @Override
    double[] tangentBackward(double[] dyDot, double[] w, double[] u) {
        double[] dx = dyDot;
        for (int i = layers.size() - 1; i >= 0; i--) {
            dx = layers.get(i).tangentBackward(dx, w, u);
        }
        return dx;
    }
}
