package leakmark.kernels.vector.matching;

import leakmark.kernels.matching.Shape;
import leakmark.kernels.vector.Species;

/**
 * How the values of a batch lie in memory: one row a position (a pixel of a feature map, or a row of features), its channels
 * side by side, padded with lanes that hold anything finite forward and zero backward.
 *
 * @param images of the batch
 * @param positions of one image
 * @param features used lanes of a row
 * @param width all lanes of a row
 */
record Layout(int images, int positions, int features, int width) {
    static Layout of(Shape shape, int images) {
        if (shape instanceof Shape.Image image) {
            return new Layout(
                    images, image.height() * image.width(), image.channels(), Species.padded(image.channels()));
        }
        Shape.Rows rows = (Shape.Rows) shape;
        return new Layout(images, rows.count(), rows.features(), Species.padded(rows.features()));
    }

    /** Rows of all images. */
    int rows() {
        return images * positions;
    }

    /** Floats of all images. */
    int size() {
        return Math.multiplyExact(rows(), width);
    }

    /** Where each row begins. */
    int[] offsets() {
        int[] offsets = new int[rows()];
        for (int r = 0; r < offsets.length; r++) {
            offsets[r] = r * width;
        }
        return offsets;
    }

    /** Where a value of the contract's order lies: channel by channel for images, row by row else. */
    static int[] places(Shape shape, int images) {
        Layout layout = of(shape, images);
        int[] places = new int[images * shape.size()];
        for (int n = 0; n < places.length; n++) {
            int image = n / shape.size();
            int i = n % shape.size();
            boolean planar = shape instanceof Shape.Image;
            int position = planar ? i % layout.positions : i / layout.features;
            int feature = planar ? i / layout.positions : i % layout.features;
            places[n] = (image * layout.positions + position) * layout.width + feature;
        }
        return places;
    }
}
