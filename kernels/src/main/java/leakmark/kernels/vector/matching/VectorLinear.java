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
    private boolean implicit;

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
            RowProducts.accumulate(a, 0, inputs, weights, weightAt, to, 0, outputWidth);
        } else {
            Tiles.accumulate(
                    a, inputRows, 0, 1, inputs, weights, weightAt, 0, outputWidth, to, outputRows, outputWidth);
        }
    }

    private void adjoint(float[] d, float[] weights, float[] to) {
        for (int r = 0; r < rows; r++) {
            RowProducts.dots(d, r * outputWidth, outputWidth, weights, weightAt, inputs, to, r * inputWidth);
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
        if (implicit) {
            return;
        }
        if (rows == 1) {
            RowProducts.outer(x, 0, inputs, dy, outputWidth, g, weightAt);
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
        if (!implicit) {
            Lanes.repeat(u, biasAt, outputWidth, yDot, rows);
            product(x, u, yDot);
        }
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
        if (!implicit) {
            Arrays.fill(dxDot, 0);
            adjoint(dy, u, dxDot);
        }
        adjoint(dyDot, w, dxDot);
        return dxDot;
    }

    /** Whether there is one row, whose gradient x ⊗ ∂ℓ/∂y need not be stored. */
    boolean single() {
        return rows == 1;
    }

    /** Where this layer's parameters begin. */
    int offset() {
        return weightAt;
    }

    /** Chooses whether the gradient of a single row is stored, or its products with u are taken by {@link #match}. */
    void setImplicit(boolean implicit) {
        this.implicit = implicit;
    }

    /**
     * This layer's part of the squared distance, its target read once: {@code r = x_i ∂ℓ/∂y_o − t_io} lives in registers,
     * and with u = 2r both products of u go to where the tangent passes look for them.
     *
     * @param at where all packed targets begin
     */
    double match(float[] targets, int at) {
        double value = RowProducts.match(x, inputs, dy, outputWidth, targets, at + weightAt, yDot, dxDot);
        for (int o = 0; o < outputWidth; o++) {
            float r = dy[o] - targets[at + biasAt + o];
            value += (double) r * r;
            yDot[o] += 2 * r;
        }
        return value;
    }
}
