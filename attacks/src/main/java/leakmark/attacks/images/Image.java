package leakmark.attacks.images;

/**
 * An image with values 0 to 1.
 *
 * @param channels 1 (grey) or 3 (red, green, blue)
 * @param height rows
 * @param width columns
 * @param data channel by channel, each row by row: {@code channels · height · width} values; no copy is taken
 */
public record Image(int channels, int height, int width, float[] data) {
    public Image {
        if (channels < 1 || height < 1 || width < 1 || (long) channels * height * width != data.length) {
            throw new IllegalArgumentException(
                    channels + " × " + height + " × " + width + " does not fit " + data.length + " values");
        }
    }

    /** An image of zeros. */
    public static Image black(int channels, int height, int width) {
        return new Image(channels, height, width, new float[channels * height * width]);
    }

    /** Extents as text: {@code 3 × 32 × 32}. */
    public String shape() {
        return channels + " × " + height + " × " + width;
    }

    /** True if both have the same extents. */
    public boolean hasShapeOf(Image other) {
        return channels == other.channels && height == other.height && width == other.width;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Image that && hasShapeOf(that) && java.util.Arrays.equals(data, that.data);
    }

    @Override
    public int hashCode() {
        return java.util.Arrays.hashCode(data);
    }

    @Override
    public String toString() {
        return "Image[" + shape() + "]";
    }
}
