package leakmark.kernels.vector.matching;

/** y = x + w; its gradient is the sum over the images. */
final class VectorPositionEmbedding extends VectorLayer {
    private final float[] w;
    private final int offset;
    private final int images;
    private final int size;
    private final float[] y;
    private final float[] yDot;

    VectorPositionEmbedding(Layout in, int images, float[] w, int offset) {
        this.w = w;
        this.offset = offset;
        this.images = images;
        size = in.size() / images;
        y = new float[in.size()];
        yDot = new float[in.size()];
    }

    private float[] sum(float[] x, float[] weights, float[] to) {
        for (int m = 0; m < images; m++) {
            Lanes.sum(x, m * size, weights, offset, to, m * size, size);
        }
        return to;
    }

    @Override
    float[] forward(float[] x) {
        return sum(x, w, y);
    }

    @Override
    float[] backward(float[] dy, float[] g) {
        Lanes.columnSums(dy, images, size, g, offset);
        return dy;
    }

    @Override
    float[] tangentForward(float[] xDot, float[] u) {
        return sum(xDot, u, yDot);
    }

    @Override
    float[] tangentBackward(float[] dyDot, float[] u) {
        return dyDot;
    }
}
