package leakmark.kernels.vector.matching;

import leakmark.kernels.matching.Layer;
import leakmark.kernels.matching.Shape;

/** Flattening, means over all positions, and the choice of the last row: every output the mean of a list of inputs. */
final class VectorRearrangement extends VectorLayer {
    private final int terms;
    /** Places of the inputs of each output. */
    private final int[] sources;
    /** Places of the outputs. */
    private final int[] targets;

    private final float[] y;
    private final float[] yDot;
    private final float[] dx;
    private final float[] dxDot;

    VectorRearrangement(Layer layer, Shape input, int images) {
        int[] places = Layout.places(input, images);
        Shape output = layer.output(input);
        targets = Layout.places(output, images);
        terms = layer instanceof Layer.GlobalAverage ? input.size() / output.size() : 1;
        sources = new int[targets.length * terms];
        for (int n = 0; n < targets.length; n++) {
            int image = n / output.size() * input.size();
            int o = n % output.size();
            for (int t = 0; t < terms; t++) {
                sources[n * terms + t] = places[image + source(layer, input, output, o, t)];
            }
        }
        y = new float[Layout.of(output, images).size()];
        yDot = new float[y.length];
        dx = new float[Layout.of(input, images).size()];
        dxDot = new float[dx.length];
    }

    private static int source(Layer layer, Shape input, Shape output, int o, int term) {
        if (layer instanceof Layer.Flatten) {
            return o;
        }
        if (layer instanceof Layer.LastRow) {
            return input.size() - output.size() + o;
        }
        if (layer instanceof Layer.GlobalAverage) {
            return input instanceof Shape.Image ? o * (input.size() / output.size()) + term : term * output.size() + o;
        }
        throw new IllegalArgumentException("the vector provider has no " + layer);
    }

    private float[] collect(float[] from, float[] to) {
        for (int n = 0; n < targets.length; n++) {
            float sum = 0;
            for (int t = n * terms; t < (n + 1) * terms; t++) {
                sum += from[sources[t]];
            }
            to[targets[n]] = sum / terms;
        }
        return to;
    }

    /** Inputs that no output reads keep the zero they began with. */
    private float[] spread(float[] from, float[] to) {
        for (int n = 0; n < targets.length; n++) {
            float part = from[targets[n]] / terms;
            for (int t = n * terms; t < (n + 1) * terms; t++) {
                to[sources[t]] = part;
            }
        }
        return to;
    }

    @Override
    float[] forward(float[] x) {
        return collect(x, y);
    }

    @Override
    float[] backward(float[] dy, float[] g) {
        return spread(dy, dx);
    }

    @Override
    float[] tangentForward(float[] xDot, float[] u) {
        return collect(xDot, yDot);
    }

    @Override
    float[] tangentBackward(float[] dyDot, float[] u) {
        return spread(dyDot, dxDot);
    }
}
