package leakmark.kernels.vector.matching;

import leakmark.kernels.matching.Layer.Convolution;
import leakmark.kernels.matching.Shape.Image;
import leakmark.kernels.vector.Species;

/**
 * Convolution over private copies of its operands, in which channels are dense and the border is zero: a kernel row then
 * meets {@code kernel · inputs} consecutive values.
 */
final class VectorConvolution extends VectorLayer {
    private final Convolution layer;
    private final PaddedMap input;
    private final PaddedMap inputDot;
    private final int inputWidth;
    private final int outputWidth;
    private final int weightAt;
    private final int biasAt;
    private final float[] w;
    private final int[] windows;
    private final int[] outputRows;
    private final float[] y;
    private final float[] yDot;
    private final ConvolutionAdjoint adjoint;
    private float[] dy = {};

    VectorConvolution(Convolution layer, Image in, int images, float[] w, int offset) {
        this.layer = layer;
        this.w = w;
        Image out = (Image) layer.output(in);
        Layout outLayout = Layout.of(out, images);
        inputWidth = Species.padded(in.channels());
        outputWidth = outLayout.width();
        weightAt = offset;
        biasAt = offset + layer.kernel() * layer.kernel() * layer.inputs() * outputWidth;
        // Behind the last window the last row may need more than the padding: (out − 1)·stride + kernel.
        int height = Math.max(
                in.height() + layer.padding(), (out.height() - 1) * layer.stride() + layer.kernel() - layer.padding());
        int width = Math.max(
                in.width() + layer.padding(), (out.width() - 1) * layer.stride() + layer.kernel() - layer.padding());
        input = new PaddedMap(images, in, layer.padding(), height - in.height(), layer.padding(), width - in.width());
        inputDot =
                new PaddedMap(images, in, layer.padding(), height - in.height(), layer.padding(), width - in.width());
        outputRows = outLayout.offsets();
        windows = new int[outputRows.length];
        for (int p = 0; p < windows.length; p++) {
            int pixel = p % (out.height() * out.width());
            windows[p] = input.at(
                    p / (out.height() * out.width()),
                    pixel / out.width() * layer.stride(),
                    pixel % out.width() * layer.stride());
        }
        y = new float[outLayout.size()];
        yDot = new float[outLayout.size()];
        adjoint = new ConvolutionAdjoint(layer, in, out, images, w, offset);
    }

    private void product(PaddedMap x, float[] weights, float[] to) {
        int columns = layer.kernel() * layer.inputs();
        Tiles.accumulate(
                x.values(),
                windows,
                x.row(),
                layer.kernel(),
                columns,
                weights,
                weightAt,
                columns * outputWidth,
                outputWidth,
                to,
                outputRows,
                outputWidth);
    }

    @Override
    float[] forward(float[] x) {
        input.fill(x, inputWidth);
        Lanes.repeat(w, biasAt, outputWidth, y, outputRows.length);
        product(input, w, y);
        return y;
    }

    @Override
    void backwardParameters(float[] outputGradient, float[] g) {
        dy = outputGradient;
        int columns = layer.kernel() * layer.inputs();
        for (int row = 0; row < layer.kernel(); row++) {
            Tiles.outer(
                    input.values(),
                    windows,
                    row * input.row(),
                    columns,
                    dy,
                    outputWidth,
                    g,
                    weightAt + row * columns * outputWidth);
        }
        Lanes.columnSums(dy, outputRows.length, outputWidth, g, biasAt);
        adjoint.keep(dy);
    }

    @Override
    float[] backward(float[] outputGradient, float[] g) {
        backwardParameters(outputGradient, g);
        return adjoint.first();
    }

    @Override
    float[] tangentForwardParameters(float[] zeros, float[] u) {
        Lanes.repeat(u, biasAt, outputWidth, yDot, outputRows.length);
        product(input, u, yDot);
        return yDot;
    }

    @Override
    float[] tangentForward(float[] xDot, float[] u) {
        tangentForwardParameters(xDot, u);
        inputDot.fill(xDot, inputWidth);
        product(inputDot, w, yDot);
        return yDot;
    }

    @Override
    float[] tangentBackward(float[] dyDot, float[] u) {
        return adjoint.second(dyDot, u);
    }
}
