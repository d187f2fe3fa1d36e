package leakmark.kernels.matching;

import java.util.List;
import leakmark.kernels.matching.Shape.Image;
import leakmark.kernels.matching.Shape.Rows;

/**
 * One layer of a network: its shapes and parameters, no values. Parameters of a layer follow each other in the order of
 * {@link #parameterShapes}, each row-major, as PyTorch stores them.
 */
public sealed interface Layer {
    /**
     * Shape of the output.
     *
     * @throws IllegalArgumentException if the layer does not take such an input
     */
    Shape output(Shape input);

    /** Shapes of the parameters, none for most layers. */
    default List<int[]> parameterShapes() {
        return List.of();
    }

    /** Number of parameters. */
    default int parameterCount() {
        return parameterShapes().stream()
                .mapToInt(shape -> {
                    int size = 1;
                    for (int extent : shape) {
                        size = Math.multiplyExact(size, extent);
                    }
                    return size;
                })
                .sum();
    }

    /** Multiply-adds of one product of the parameters with an input. */
    default double multiplyAdds(Shape input) {
        return 0;
    }

    /** Square kernels over zero-padded images: weight (out, in, kernel, kernel), bias (out). */
    record Convolution(int inputs, int outputs, int kernel, int stride, int padding) implements Layer {
        public Convolution {
            if (inputs < 1 || outputs < 1 || kernel < 1 || stride < 1 || padding < 0 || padding >= kernel) {
                throw new IllegalArgumentException("no convolution has " + inputs + " inputs, " + outputs
                        + " outputs, kernel " + kernel + ", stride " + stride + ", padding " + padding);
            }
        }

        @Override
        public Shape output(Shape input) {
            if (!(input instanceof Image image && image.channels() == inputs)) {
                throw refused(this, input);
            }
            int height = image.height() + 2 * padding - kernel;
            int width = image.width() + 2 * padding - kernel;
            if (height < 0 || width < 0) {
                throw refused(this, input);
            }
            return new Image(outputs, height / stride + 1, width / stride + 1);
        }

        @Override
        public List<int[]> parameterShapes() {
            return List.of(new int[] {outputs, inputs, kernel, kernel}, new int[] {outputs});
        }

        @Override
        public double multiplyAdds(Shape input) {
            return (double) output(input).size() * inputs * kernel * kernel;
        }
    }

    /** {@code y = x Wᵀ + b} on every row: weight (out, in), bias (out). */
    record Linear(int inputs, int outputs) implements Layer {
        public Linear {
            if (inputs < 1 || outputs < 1) {
                throw new IllegalArgumentException("no linear layer is " + inputs + " to " + outputs);
            }
        }

        @Override
        public Shape output(Shape input) {
            if (!(input instanceof Rows rows && rows.features() == inputs)) {
                throw refused(this, input);
            }
            return new Rows(rows.count(), outputs);
        }

        @Override
        public List<int[]> parameterShapes() {
            return List.of(new int[] {outputs, inputs}, new int[] {outputs});
        }

        @Override
        public double multiplyAdds(Shape input) {
            return (double) input.size() * outputs;
        }
    }

    /** A function of single values. */
    enum Activation implements Layer {
        /** 1 / (1 + e⁻ˣ). */
        SIGMOID,
        TANH,
        /** max(x, 0), its derivative 0 at 0. */
        RELU,
        /** x Φ(x), Φ the normal distribution function; as in BERT. */
        GELU,
        /** x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2; as in GPT-2. */
        GELU_TANH;

        @Override
        public Shape output(Shape input) {
            return input;
        }
    }

    /** The mean of square windows that do not overlap; rows and columns left over are dropped. */
    record AveragePool(int size) implements Layer {
        @Override
        public Shape output(Shape input) {
            return pooled(this, input, size);
        }
    }

    /** The largest of square windows that do not overlap, the first of equals; rows and columns left over are dropped. */
    record MaxPool(int size) implements Layer {
        @Override
        public Shape output(Shape input) {
            return pooled(this, input, size);
        }
    }

    /** The mean of each channel, or of each feature over all rows; gives one row. */
    record GlobalAverage() implements Layer {
        @Override
        public Shape output(Shape input) {
            return new Rows(1, input instanceof Image image ? image.channels() : ((Rows) input).features());
        }
    }

    /** All values in one row, in their stored order. */
    record Flatten() implements Layer {
        @Override
        public Shape output(Shape input) {
            return new Rows(1, input.size());
        }
    }

    /** The last row, on which a decoder classifies. */
    record LastRow() implements Layer {
        @Override
        public Shape output(Shape input) {
            if (!(input instanceof Rows rows)) {
                throw refused(this, input);
            }
            return new Rows(1, rows.features());
        }
    }

    /** {@code y = γ (x − μ) / √(σ² + ε) + β} on every row: γ (features), β (features). */
    record LayerNorm(int features, double epsilon) implements Layer {
        @Override
        public Shape output(Shape input) {
            if (!(input instanceof Rows rows && rows.features() == features)) {
                throw refused(this, input);
            }
            return input;
        }

        @Override
        public List<int[]> parameterShapes() {
            return List.of(new int[] {features}, new int[] {features});
        }
    }

    /**
     * Scaled dot-product attention without its projections: rows of query, key and value side by side (3·d), to rows of
     * d. Linear layers before and after make it the attention of a transformer.
     *
     * @param heads H, each of d/H features
     * @param causal whether a row sees only itself and the rows before it
     */
    record SelfAttention(int heads, boolean causal) implements Layer {
        @Override
        public Shape output(Shape input) {
            if (!(input instanceof Rows rows && heads > 0 && rows.features() % (3 * heads) == 0)) {
                throw refused(this, input);
            }
            return new Rows(rows.count(), rows.features() / 3);
        }
    }

    /** Adds a learned vector to every row: weight (count, features). */
    record PositionEmbedding(int count, int features) implements Layer {
        @Override
        public Shape output(Shape input) {
            if (!input.equals(new Rows(count, features))) {
                throw refused(this, input);
            }
            return input;
        }

        @Override
        public List<int[]> parameterShapes() {
            return List.of(new int[] {count, features});
        }
    }

    /**
     * The sum of two branches on the same input; parameters of the body come first.
     *
     * @param shortcut no layer for the identity
     */
    record Residual(List<Layer> body, List<Layer> shortcut) implements Layer {
        public Residual {
            body = List.copyOf(body);
            shortcut = List.copyOf(shortcut);
        }

        @Override
        public Shape output(Shape input) {
            Shape main = Network.output(body, input);
            Shape side = Network.output(shortcut, input);
            if (!main.equals(side)) {
                throw new IllegalArgumentException(
                        "a residual's branches give " + main + " and " + side + ", which cannot be added");
            }
            return main;
        }

        @Override
        public List<int[]> parameterShapes() {
            return java.util.stream.Stream.concat(body.stream(), shortcut.stream())
                    .flatMap(layer -> layer.parameterShapes().stream())
                    .toList();
        }

        @Override
        public double multiplyAdds(Shape input) {
            return Network.multiplyAdds(body, input) + Network.multiplyAdds(shortcut, input);
        }
    }

    private static Shape pooled(Layer layer, Shape input, int size) {
        if (!(input instanceof Image image && size >= 1 && image.height() >= size && image.width() >= size)) {
            throw refused(layer, input);
        }
        return new Image(image.channels(), image.height() / size, image.width() / size);
    }

    private static IllegalArgumentException refused(Layer layer, Shape input) {
        return new IllegalArgumentException(layer + " does not take " + input);
    }
}
