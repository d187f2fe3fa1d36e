package leakmark.kernels.scalar.matching;

import leakmark.kernels.matching.Layer.Convolution;
import leakmark.kernels.matching.Shape.Image;

/** Seven nested loops. */
final class ScalarConvolution extends ScalarBilinear {
    private final Convolution layer;
    private final Image input;
    private final Image output;
    private final int offset;

    ScalarConvolution(Convolution layer, Image input, int offset) {
        super(input.size(), layer.output(input).size());
        this.layer = layer;
        this.input = input;
        this.output = (Image) layer.output(input);
        this.offset = offset;
    }

    @Override
    void terms(Term term) {
        int kernel = layer.kernel();
        int bias = offset + layer.outputs() * layer.inputs() * kernel * kernel;
        for (int o = 0; o < output.channels(); o++) {
            for (int y = 0; y < output.height(); y++) {
                for (int x = 0; x < output.width(); x++) {
                    int at = (o * output.height() + y) * output.width() + x;
                    for (int c = 0; c < input.channels(); c++) {
                        for (int ky = 0; ky < kernel; ky++) {
                            for (int kx = 0; kx < kernel; kx++) {
                                int row = y * layer.stride() + ky - layer.padding();
                                int column = x * layer.stride() + kx - layer.padding();
                                if (row >= 0 && row < input.height() && column >= 0 && column < input.width()) {
                                    term.accept(
                                            at,
                                            offset + ((o * input.channels() + c) * kernel + ky) * kernel + kx,
                                            (c * input.height() + row) * input.width() + column);
                                }
                            }
                        }
                    }
                    term.accept(at, bias + o, bias());
                }
            }
        }
    }
}
