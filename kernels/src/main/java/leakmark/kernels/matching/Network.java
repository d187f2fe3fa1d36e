package leakmark.kernels.matching;

import java.util.List;
import leakmark.kernels.matching.Shape.Rows;

/**
 * A classifier: layers one after the other, ending in one logit a class. The loss is the mean over a batch of
 * {@code −Σ_c y_c log softmax(z)_c}.
 *
 * @param input of one image or sentence
 * @param layers at least one
 */
public record Network(Shape input, List<Layer> layers) {
    public Network {
        layers = List.copyOf(layers);
        Shape output = output(layers, input);
        if (!(output instanceof Rows rows && rows.count() == 1)) {
            throw new IllegalArgumentException("a classifier ends in one row of logits, not in " + output);
        }
    }

    /** Number of classes C. */
    public int classes() {
        return ((Rows) output(layers, input)).features();
    }

    /** Number of parameters of all layers. */
    public int parameterCount() {
        return layers.stream().mapToInt(Layer::parameterCount).sum();
    }

    /** Shapes of all parameters, in the order in which they follow each other in a vector of parameters or gradients. */
    public List<int[]> parameterShapes() {
        return layers.stream()
                .flatMap(layer -> layer.parameterShapes().stream())
                .toList();
    }

    /** Shape after a list of layers. */
    static Shape output(List<Layer> layers, Shape input) {
        Shape shape = input;
        for (Layer layer : layers) {
            shape = layer.output(shape);
        }
        return shape;
    }

    static double multiplyAdds(List<Layer> layers, Shape input) {
        double sum = 0;
        Shape shape = input;
        for (Layer layer : layers) {
            sum += layer.multiplyAdds(shape);
            shape = layer.output(shape);
        }
        return sum;
    }
}
