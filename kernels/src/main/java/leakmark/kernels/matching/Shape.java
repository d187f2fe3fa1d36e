package leakmark.kernels.matching;

/** What flows between layers, of one image or sentence. */
public sealed interface Shape {
    /** Number of values. */
    int size();

    /** An image or feature map, stored channel by channel: channels × height × width. */
    record Image(int channels, int height, int width) implements Shape {
        public Image {
            if (channels < 1 || height < 1 || width < 1) {
                throw new IllegalArgumentException(
                        "an image of " + channels + " × " + height + " × " + width + " has no pixels");
            }
        }

        @Override
        public int size() {
            return channels * height * width;
        }

        @Override
        public String toString() {
            return channels + " × " + height + " × " + width;
        }
    }

    /** Feature vectors, one a row: the embeddings of a sentence, or a single vector. */
    record Rows(int count, int features) implements Shape {
        public Rows {
            if (count < 1 || features < 1) {
                throw new IllegalArgumentException(count + " rows of " + features + " features hold nothing");
            }
        }

        @Override
        public int size() {
            return count * features;
        }

        @Override
        public String toString() {
            return count + " rows of " + features;
        }
    }
}
