package leakmark.kernels.scalar;

import java.util.stream.IntStream;
import leakmark.kernels.DeviceMatrix;
import leakmark.kernels.Matrix;
import leakmark.kernels.VocabularySweep;

/** Every token at every position, one dot product after the other, in float64. */
final class ScalarVocabularySweep implements VocabularySweep {
    @Override
    public Hits sweep(DeviceMatrix table, Matrix sketch, Matrix positions, float threshold) {
        Matrix e = table.toHost();
        int k = sketch.columns();
        IntStream.Builder tokens = IntStream.builder();
        IntStream.Builder places = IntStream.builder();
        double[] a = new double[k];
        for (int v = 0; v < e.rows(); v++) {
            for (int c = 0; c < k; c++) {
                a[c] = 0;
                for (int j = 0; j < e.columns(); j++) {
                    a[c] += (double) e.at(v, j) * sketch.at(j, c);
                }
            }
            for (int i = 0; i < positions.rows(); i++) {
                double squared = 0;
                for (int c = 0; c < k; c++) {
                    double sum = a[c] + positions.at(i, c);
                    squared += sum * sum;
                }
                if (squared <= (double) threshold * threshold) {
                    tokens.add(v);
                    places.add(i);
                }
            }
        }
        return new Hits(tokens.build().toArray(), places.build().toArray());
    }
}
