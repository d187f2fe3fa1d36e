package leakmark.kernels.vector.matching;

import leakmark.kernels.matching.Layer.Residual;
import leakmark.kernels.matching.Shape;

/** Two branches, their results added on the way forward and on the way back. */
final class VectorResidual extends VectorLayer {
    private final VectorSequence body;
    private final VectorSequence shortcut;
    private final float[] y;
    private final float[] yDot;
    private final float[] dx;
    private final float[] dxDot;

    VectorResidual(Residual layer, Shape input, int images, float[] w, int offset) {
        body = new VectorSequence(layer.body(), input, images, w, offset);
        shortcut = new VectorSequence(layer.shortcut(), input, images, w, offset + Packing.size(layer.body()));
        int inputs = Layout.of(input, images).size();
        int outputs = Layout.of(layer.output(input), images).size();
        y = new float[outputs];
        yDot = new float[outputs];
        dx = new float[inputs];
        dxDot = new float[inputs];
    }

    private static float[] sum(float[] a, float[] b, float[] to) {
        Lanes.sum(a, 0, b, 0, to, 0, to.length);
        return to;
    }

    @Override
    float[] forward(float[] x) {
        return sum(body.forward(x), shortcut.forward(x), y);
    }

    @Override
    float[] backward(float[] dy, float[] g) {
        return sum(body.backward(dy, g), shortcut.backward(dy, g), dx);
    }

    @Override
    float[] tangentForward(float[] xDot, float[] u) {
        return sum(body.tangentForward(xDot, u), shortcut.tangentForward(xDot, u), yDot);
    }

    @Override
    float[] tangentBackward(float[] dyDot, float[] u) {
        return sum(body.tangentBackward(dyDot, u), shortcut.tangentBackward(dyDot, u), dxDot);
    }
}
