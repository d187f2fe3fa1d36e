package leakmark.kernels.vector.matching;

import java.util.Arrays;
import leakmark.kernels.matching.Layer.Convolution;
import leakmark.kernels.matching.Shape.Image;
import leakmark.kernels.vector.Species;

/**
 * A convolution's products with its transposed weights: the gradient of its input.
 *
 * <p>Input pixels whose (padded) row and column leave the same rest modulo the stride meet the same part of the kernel, and
 * for them the product is a convolution of stride 1. There are stride² such classes. Where a class has so few channels that
 * most lanes would stay empty, all classes share one product: the stride² pixels of a block lie side by side in the lanes,
 * with zeros for kernel rows and columns that a class has not. For 3 channels and stride 2 that is 12 lanes of 16 in place
 * of 3.
 */
final class ConvolutionAdjoint {
    private final Convolution layer;
    private final int weightAt;
    private final int outputWidth;
    private final int inputWidth;
    private final boolean merged;
    /** Lanes of a row of {@link #transposed}. */
    private final int width;

    private final PixelClass[] classes;
    private final PaddedMap gradient;
    private final PaddedMap gradientDot;
    private final float[] transposed;
    private final float[] direction;
    private final float[] dx;
    private final float[] dxDot;
    /** Merged pixels, and where each pixel of the input begins in them. */
    private final float[] blocks;

    private final int[] blockOfPixel;

    ConvolutionAdjoint(Convolution layer, Image in, Image out, int images, float[] w, int offset) {
        this.layer = layer;
        Layout inLayout = Layout.of(in, images);
        weightAt = offset;
        outputWidth = Species.padded(layer.outputs());
        inputWidth = inLayout.width();
        int stride = layer.stride();
        int most = (layer.kernel() + stride - 1) / stride;
        int blockRows = (in.height() - 1 + layer.padding()) / stride + 1;
        int blockColumns = (in.width() - 1 + layer.padding()) / stride + 1;
        int blockWidth = Species.padded(stride * stride * layer.inputs());
        double separate = (double) in.height() * in.width() * layer.kernel() * layer.kernel() / (stride * stride);
        merged = (double) blockRows * blockColumns * most * most * blockWidth < separate * inputWidth;
        width = merged ? blockWidth : inputWidth;
        int below = Math.max(0, blockRows - out.height());
        int right = Math.max(0, blockColumns - out.width());
        gradient = new PaddedMap(images, out, most - 1, below, most - 1, right);
        gradientDot = new PaddedMap(images, out, most - 1, below, most - 1, right);
        classes = new PixelClass[stride * stride];
        int size = 0;
        for (int c = 0; c < classes.length; c++) {
            classes[c] = new PixelClass(c / stride, c % stride, most, size);
            size += merged ? 0 : classes[c].size();
        }
        transposed = new float[merged ? classes[0].size() : size];
        direction = new float[transposed.length];
        transpose(w, transposed);
        dx = new float[inLayout.size()];
        dxDot = new float[inLayout.size()];
        blocks = new float[merged ? images * blockRows * blockColumns * width : 0];
        blockOfPixel = new int[merged ? images * in.height() * in.width() : 0];
        if (merged) {
            placeBlocks(in, images, blockRows, blockColumns);
        } else {
            for (PixelClass c : classes) {
                c.placePixels(in, images, most);
            }
        }
    }

    private void placeBlocks(Image in, int images, int blockRows, int blockColumns) {
        int[] windows = new int[images * blockRows * blockColumns];
        int[] places = new int[windows.length];
        for (int b = 0; b < windows.length; b++) {
            windows[b] = gradient.at(b / (blockRows * blockColumns), b / blockColumns % blockRows, b % blockColumns);
            places[b] = b * width;
        }
        classes[0].windows = windows;
        classes[0].places = places;
        int stride = layer.stride();
        for (int n = 0; n < blockOfPixel.length; n++) {
            int y = n / in.width() % in.height() + layer.padding();
            int x = n % in.width() + layer.padding();
            int block = (n / (in.width() * in.height()) * blockRows + y / stride) * blockColumns + x / stride;
            blockOfPixel[n] = block * width + (y % stride * stride + x % stride) * layer.inputs();
        }
    }

    /** Weights with inputs in the lanes, in the order in which a window meets them. */
    private void transpose(float[] weights, float[] to) {
        int inputs = layer.inputs();
        int stride = layer.stride();
        int kernel = layer.kernel();
        for (PixelClass c : classes) {
            int lane = merged ? (c.row * stride + c.column) * inputs : 0;
            for (int ky = c.row; ky < kernel; ky += stride) {
                for (int kx = c.column; kx < kernel; kx += stride) {
                    int from = weightAt + (ky * kernel + kx) * inputs * outputWidth;
                    int tap = (c.rows - 1 - ky / stride) * c.columns + c.columns - 1 - kx / stride;
                    int at = c.weightAt + tap * layer.outputs() * width + lane;
                    for (int o = 0; o < layer.outputs(); o++) {
                        for (int i = 0; i < inputs; i++) {
                            to[at + i] = weights[from + i * outputWidth + o];
                        }
                        at += width;
                    }
                }
            }
        }
    }

    /** Takes ∂ℓ/∂y, for both products with it. */
    void keep(float[] dy) {
        gradient.fill(dy, outputWidth);
    }

    /** ∂ℓ/∂x. */
    float[] first() {
        float[] to = merged ? blocks : dx;
        Arrays.fill(to, 0);
        product(gradient, transposed, to);
        return unmerged(dx);
    }

    /** The tangent of ∂ℓ/∂x. */
    float[] second(float[] dyDot, float[] u) {
        gradientDot.fill(dyDot, outputWidth);
        transpose(u, direction);
        float[] to = merged ? blocks : dxDot;
        Arrays.fill(to, 0);
        product(gradientDot, transposed, to);
        product(gradient, direction, to);
        return unmerged(dxDot);
    }

    private float[] unmerged(float[] to) {
        for (int n = 0; n < blockOfPixel.length; n++) {
            int from = blockOfPixel[n];
            int at = n * inputWidth;
            for (int i = 0; i < layer.inputs(); i++) {
                to[at + i] = blocks[from + i];
            }
        }
        return to;
    }

    private void product(PaddedMap d, float[] weights, float[] to) {
        for (PixelClass c : classes) {
            if (c.windows.length > 0) {
                int columns = c.columns * layer.outputs();
                Tiles.accumulate(
                        d.values(),
                        c.windows,
                        d.row(),
                        c.rows,
                        columns,
                        weights,
                        c.weightAt,
                        columns * width,
                        width,
                        to,
                        c.places,
                        width);
            }
        }
    }

    /** Pixels that meet the same kernel rows and columns. */
    private final class PixelClass {
        /** The first kernel row and column met; others follow a stride apart. */
        final int row;

        final int column;
        /** Rows and columns of the window. */
        final int rows;

        final int columns;
        final int weightAt;
        /** Where windows begin in the padded gradient, and where their results go. */
        int[] windows = {};

        int[] places = {};

        PixelClass(int row, int column, int most, int weightAt) {
            this.row = row;
            this.column = column;
            int stride = layer.stride();
            rows = merged ? most : Math.max(0, (layer.kernel() - row + stride - 1) / stride);
            columns = merged ? most : Math.max(0, (layer.kernel() - column + stride - 1) / stride);
            this.weightAt = merged ? 0 : weightAt;
        }

        int size() {
            return rows * columns * layer.outputs() * width;
        }

        void placePixels(Image in, int images, int most) {
            int stride = layer.stride();
            int[] starts = new int[images * in.height() * in.width()];
            int[] targets = new int[starts.length];
            int count = 0;
            for (int n = 0; n < starts.length; n++) {
                int image = n / (in.height() * in.width());
                int y = n / in.width() % in.height() + layer.padding();
                int x = n % in.width() + layer.padding();
                if (y % stride == row && x % stride == column && rows > 0 && columns > 0) {
                    starts[count] = gradient.at(image, y / stride + most - rows, x / stride + most - columns);
                    targets[count++] = n * width;
                }
            }
            windows = Arrays.copyOf(starts, count);
            places = Arrays.copyOf(targets, count);
        }
    }
}
