package leakmark.kernels.vector.matching;

import leakmark.kernels.matching.Shape.Image;

/** A batch of feature maps with dense channels inside a border of zeros. */
final class PaddedMap {
    private final int images;
    private final Image shape;
    private final int top;
    private final int left;
    private final int height;
    private final int width;
    private final float[] values;

    PaddedMap(int images, Image shape, int top, int bottom, int left, int right) {
        this.images = images;
        this.shape = shape;
        this.top = top;
        this.left = left;
        height = top + shape.height() + bottom;
        width = left + shape.width() + right;
        values = new float[images * height * width * shape.channels()];
    }

    float[] values() {
        return values;
    }

    /** Floats of a row. */
    int row() {
        return width * shape.channels();
    }

    /** Where a pixel lies, counted from the corner of the border. */
    int at(int image, int y, int x) {
        return ((image * height + y) * width + x) * shape.channels();
    }

    /**
     * Copies rows of channels.
     *
     * @param stride floats from a pixel to the next
     */
    void fill(float[] from, int stride) {
        int channels = shape.channels();
        int source = 0;
        for (int image = 0; image < images; image++) {
            for (int y = 0; y < shape.height(); y++) {
                int target = at(image, y + top, left);
                for (int x = 0; x < shape.width(); x++) {
                    for (int c = 0; c < channels; c++) {
                        values[target + c] = from[source + c];
                    }
                    source += stride;
                    target += channels;
                }
            }
        }
    }
}
