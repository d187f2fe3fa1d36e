package leakmark.kernels.vector.matching;

import java.util.Arrays;
import leakmark.kernels.matching.Layer.Convolution;
import leakmark.kernels.matching.Shape.Image;
import leakmark.kernels.vector.Species;

/**
 * Convolution over private copies of its operands, in which channels are dense and the border is zero: a kernel row then
 * meets {@code kernel · inputs} consecutive values.
 *
 * <p>The gradient of the input is itself a convolution for each class of pixels that meet the same kernel rows and columns:
 * {@code stride²} of them.
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
    private final Adjoint adjoint;
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
        adjoint = new Adjoint(layer, in, out, images, w, offset);
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

    /** The products with the transposed weights. */
    private static final class Adjoint {
        private final Convolution layer;
        private final int weightAt;
        private final int outputWidth;
        private final int inputWidth;
        private final PaddedMap gradient;
        private final PaddedMap gradientDot;
        private final PixelClass[] classes;
        private final float[] dx;
        private final float[] dxDot;
        private final float[] direction;

        private final float[] transposed;

        Adjoint(Convolution layer, Image in, Image out, int images, float[] w, int offset) {
            this.layer = layer;
            Layout inLayout = Layout.of(in, images);
            weightAt = offset;
            outputWidth = Species.padded(layer.outputs());
            inputWidth = inLayout.width();
            int stride = layer.stride();
            int most = (layer.kernel() + stride - 1) / stride;
            int lastRow = (in.height() - 1 + layer.padding()) / stride;
            int lastColumn = (in.width() - 1 + layer.padding()) / stride;
            int below = Math.max(0, lastRow - out.height() + 1);
            int right = Math.max(0, lastColumn - out.width() + 1);
            gradient = new PaddedMap(images, out, most - 1, below, most - 1, right);
            gradientDot = new PaddedMap(images, out, most - 1, below, most - 1, right);
            classes = new PixelClass[stride * stride];
            int at = 0;
            for (int c = 0; c < classes.length; c++) {
                classes[c] = new PixelClass(layer, in, images, gradient, c / stride, c % stride, at);
                at += classes[c].rows * classes[c].columns * layer.outputs() * inputWidth;
            }
            transposed = new float[at];
            direction = new float[at];
            transpose(w, transposed);
            dx = new float[inLayout.size()];
            dxDot = new float[inLayout.size()];
        }

        /** Weights with inputs in the lanes, in the order in which a class of pixels meets them. */
        private void transpose(float[] weights, float[] to) {
            int inputs = layer.inputs();
            for (PixelClass c : classes) {
                int at = c.weightAt;
                for (int r = c.rows - 1; r >= 0; r--) {
                    for (int m = c.columns - 1; m >= 0; m--) {
                        int tap = (c.row + layer.stride() * r) * layer.kernel() + c.column + layer.stride() * m;
                        int from = weightAt + tap * inputs * outputWidth;
                        for (int o = 0; o < layer.outputs(); o++) {
                            for (int i = 0; i < inputs; i++) {
                                to[at + i] = weights[from + i * outputWidth + o];
                            }
                            at += inputWidth;
                        }
                    }
                }
            }
        }

        void keep(float[] dy) {
            gradient.fill(dy, outputWidth);
        }

        float[] first() {
            Arrays.fill(dx, 0);
            product(gradient, transposed, dx);
            return dx;
        }

        float[] second(float[] dyDot, float[] u) {
            gradientDot.fill(dyDot, outputWidth);
            transpose(u, direction);
            Arrays.fill(dxDot, 0);
            product(gradientDot, transposed, dxDot);
            product(gradient, direction, dxDot);
            return dxDot;
        }

        private void product(PaddedMap d, float[] weights, float[] to) {
            for (PixelClass c : classes) {
                int columns = c.columns * layer.outputs();
                Tiles.accumulate(
                        d.values(),
                        c.windows,
                        d.row(),
                        c.rows,
                        columns,
                        weights,
                        c.weightAt,
                        columns * inputWidth,
                        inputWidth,
                        to,
                        c.pixels,
                        inputWidth);
            }
        }
    }

    /** Input pixels whose row and column leave the same rest: they meet the same part of the kernel. */
    private static final class PixelClass {
        /** First kernel row and column met. */
        final int row;

        final int column;
        /** Kernel rows and columns met, a stride apart. */
        final int rows;

        final int columns;
        final int weightAt;
        /** Where the pixels' windows begin in the padded gradient. */
        final int[] windows;
        /** Where the pixels lie. */
        final int[] pixels;

        PixelClass(Convolution layer, Image in, int images, PaddedMap gradient, int row, int column, int weightAt) {
            this.row = row;
            this.column = column;
            this.weightAt = weightAt;
            int stride = layer.stride();
            rows = Math.max(0, (layer.kernel() - row + stride - 1) / stride);
            columns = Math.max(0, (layer.kernel() - column + stride - 1) / stride);
            int width = Species.padded(in.channels());
            int most = (layer.kernel() + stride - 1) / stride;
            int[] starts = new int[images * in.height() * in.width()];
            int[] places = new int[starts.length];
            int count = 0;
            for (int n = 0; n < starts.length; n++) {
                int image = n / (in.height() * in.width());
                int y = n / in.width() % in.height() + layer.padding();
                int x = n % in.width() + layer.padding();
                if (y % stride == row && x % stride == column && rows > 0 && columns > 0) {
                    starts[count] = gradient.at(image, y / stride + most - rows, x / stride + most - columns);
                    places[count++] = n * width;
                }
            }
            windows = Arrays.copyOf(starts, count);
            pixels = Arrays.copyOf(places, count);
        }
    }
}
