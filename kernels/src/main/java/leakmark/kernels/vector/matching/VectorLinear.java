package leakmark.kernels.vector.matching;

import java.util.Arrays;
import leakmark.kernels.matching.Layer.Linear;
import leakmark.kernels.vector.Species;

/** {@code Y = X W + b} with W as inputs × outputs; single rows, which only stream the weights, have loops of their own. */
final class VectorLinear extends VectorLayer {
    private final int inputs;
    private final int rows;
    private final int inputWidth;
    private final int outputWidth;
    private final int weightAt;
    private final int biasAt;
    private final float[] w;
    private final int[] inputRows;
    private final int[] outputRows;
    private final float[] y;
    private final float[] yDot;
    private final float[] dx;
    private final float[] dxDot;
    private float[] x = {};
    private float[] dy = {};

    VectorLinear(Linear layer, Layout in, float[] w, int offset) {
        this.w = w;
        inputs = layer.inputs();
        rows = in.rows();
        inputWidth = in.width();
        outputWidth = Species.padded(layer.outputs());
        weightAt = offset;
        biasAt = offset + inputs * outputWidth;
        inputRows = in.offsets();
        outputRows = new Layout(in.images(), in.positions(), layer.outputs(), outputWidth).offsets();
        y = new float[rows * outputWidth];
        yDot = new float[rows * outputWidth];
        dx = new float[in.size()];
        dxDot = new float[in.size()];
    }

    private void product(float[] a, float[] weights, float[] to) {
        if (rows == 1) {
            Tiles.accumulateRow(a, 0, inputs, weights, weightAt, to, 0, outputWidth);
        } else {
            Tiles.accumulate(
                    a, inputRows, 0, 1, inputs, weights, weightAt, 0, outputWidth, to, outputRows, outputWidth);
        }
    }

    private void adjoint(float[] d, float[] weights, float[] to) {
        for (int r = 0; r < rows; r++) {
            Tiles.dots(d, r * outputWidth, outputWidth, weights, weightAt, inputs, to, r * inputWidth);
        }
    }

    @Override
    float[] forward(float[] input) {
        x = input;
        Lanes.repeat(w, biasAt, outputWidth, y, rows);
        product(x, w, y);
        return y;
    }

    @Override
    void backwardParameters(float[] outputGradient, float[] g) {
        dy = outputGradient;
        if (rows == 1) {
            Tiles.outerRow(x, 0, inputs, dy, outputWidth, g, weightAt);
        } else {
            Tiles.outer(x, inputRows, 0, inputs, dy, outputWidth, g, weightAt);
        }
        Lanes.columnSums(dy, rows, outputWidth, g, biasAt);
    }

    @Override
    float[] backward(float[] outputGradient, float[] g) {
        backwardParameters(outputGradient, g);
        Arrays.fill(dx, 0);
        adjoint(dy, w, dx);
        return dx;
    }

    @Override
    float[] tangentForwardParameters(float[] zeros, float[] u) {
        Lanes.repeat(u, biasAt, outputWidth, yDot, rows);
        product(x, u, yDot);
        return yDot;
    }

    @Override
    float[] tangentForward(float[] xDot, float[] u) {
        tangentForwardParameters(xDot, u);
        product(xDot, w, yDot);
        return yDot;
    }

    @Override
    float[] tangentBackward(float[] dyDot, float[] u) {
        Arrays.fill(dxDot, 0);
        adjoint(dyDot, w, dxDot);
        adjoint(dy, u, dxDot);
        return dxDot;
    }
}
