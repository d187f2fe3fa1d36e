package leakmark.kernels.scalar.matching;

/** y = x + w. */
final class ScalarPositionEmbedding extends ScalarLayer {
    private final int offset;

    ScalarPositionEmbedding(int offset) {
        this.offset = offset;
    }

    @Override
    double[] forward(double[] x, double[] w) {
        return sum(x, w, offset);
    }

    @Override
    double[] backward(double[] dy, double[] w, double[] g) {
        for (int i = 0; i < dy.length; i++) {
            g[offset + i] += dy[i];
        }
        return dy;
    }

    @Override
    double[] tangentForward(double[] xDot, double[] w, double[] u) {
        return sum(xDot, u, offset);
    }

    @Override
    double[] tangentBackward(double[] dyDot, double[] w, double[] u) {
        return dyDot;
    }

    /** a + b, from {@code offset} of b on. */
    static double[] sum(double[] a, double[] b, int offset) {
        double[] result = new double[a.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = a[i] + b[offset + i];
        }
        return result;
    }
}
