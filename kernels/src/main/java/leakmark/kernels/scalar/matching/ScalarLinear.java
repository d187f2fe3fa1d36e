package leakmark.kernels.scalar.matching;

import leakmark.kernels.matching.Layer.Linear;
import leakmark.kernels.matching.Shape.Rows;

/** Every row times the weight. */
final class ScalarLinear extends ScalarBilinear {
    private final Linear layer;
    private final int rows;
    private final int offset;

    ScalarLinear(Linear layer, Rows input, int offset) {
        super(input.size(), layer.output(input).size());
        this.layer = layer;
        this.rows = input.count();
        this.offset = offset;
    }

    @Override
    void terms(Term term) {
        int bias = offset + layer.inputs() * layer.outputs();
        for (int r = 0; r < rows; r++) {
            for (int o = 0; o < layer.outputs(); o++) {
                int at = r * layer.outputs() + o;
                for (int i = 0; i < layer.inputs(); i++) {
                    term.accept(at, offset + o * layer.inputs() + i, r * layer.inputs() + i);
                }
                term.accept(at, bias + o, bias());
            }
        }
    }
}
