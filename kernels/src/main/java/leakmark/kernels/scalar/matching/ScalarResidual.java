package leakmark.kernels.scalar.matching;

import leakmark.kernels.matching.Layer.Residual;
import leakmark.kernels.matching.Shape;

/** Two branches, their results added on the way forward and on the way back. */
final class ScalarResidual extends ScalarLayer {
    private final ScalarSequence body;
    private final ScalarSequence shortcut;

    ScalarResidual(Residual layer, Shape input, int offset) {
        body = new ScalarSequence(layer.body(), input, offset);
        shortcut = new ScalarSequence(layer.shortcut(), input, body.end());
    }

    @Override
    double[] forward(double[] x, double[] w) {
        return sum(body.forward(x, w), shortcut.forward(x, w));
    }

    @Override
    double[] backward(double[] dy, double[] w, double[] g) {
        return sum(body.backward(dy, w, g), shortcut.backward(dy, w, g));
    }

    @Override
    double[] tangentForward(double[] xDot, double[] w, double[] u) {
        return sum(body.tangentForward(xDot, w, u), shortcut.tangentForward(xDot, w, u));
    }

    @Override
    double[] tangentBackward(double[] dyDot, double[] w, double[] u) {
        return sum(body.tangentBackward(dyDot, w, u), shortcut.tangentBackward(dyDot, w, u));
    }

    private static double[] sum(double[] a, double[] b) {
        return ScalarPositionEmbedding.sum(a, b, 0);
    }
}
