package leakmark.kernels.vector.matching;

import java.util.List;
import leakmark.kernels.matching.Layer;
import leakmark.kernels.matching.Network;
import leakmark.kernels.vector.Species;

/**
 * Order of packed parameters: outputs of a layer in the lanes, padded with zeros. Convolution: kernel row, kernel column,
 * input; linear: input; each followed by the bias.
 */
final class Packing {
    private final int[] places;
    private final int size;
    private int next;

    Packing(Network network) {
        places = new int[network.parameterCount()];
        size = add(network.layers(), 0);
    }

    /** Floats of a packed vector. */
    int size() {
        return size;
    }

    /** Packed floats of one layer. */
    static int size(Layer layer) {
        if (layer instanceof Layer.Residual residual) {
            return size(residual.body()) + size(residual.shortcut());
        }
        List<int[]> shapes = layer.parameterShapes();
        if (shapes.isEmpty()) {
            return 0;
        }
        if (layer instanceof Layer.PositionEmbedding embedding) {
            return embedding.count() * Species.padded(embedding.features());
        }
        if (layer instanceof Layer.LayerNorm norm) {
            return 2 * Species.padded(norm.features());
        }
        int outputs = shapes.get(1)[0];
        return (layer.parameterCount() / outputs) * Species.padded(outputs);
    }

    static int size(List<Layer> layers) {
        return layers.stream().mapToInt(Packing::size).sum();
    }

    private int add(List<Layer> layers, int from) {
        int at = from;
        for (Layer layer : layers) {
            if (layer instanceof Layer.Residual residual) {
                add(residual.shortcut(), add(residual.body(), at));
            } else if (layer.parameterCount() > 0) {
                add(layer, at);
            }
            at += size(layer);
        }
        return at;
    }

    private void add(Layer layer, int at) {
        int count = layer.parameterCount();
        if (layer instanceof Layer.PositionEmbedding || layer instanceof Layer.LayerNorm) {
            int features =
                    layer.parameterShapes().get(0)[layer.parameterShapes().get(0).length - 1];
            for (int k = 0; k < count; k++) {
                places[next++] = at + k / features * Species.padded(features) + k % features;
            }
            return;
        }
        int kernel = layer instanceof Layer.Convolution convolution ? convolution.kernel() : 1;
        int inputs = layer.parameterShapes().get(0)[1];
        int outputs = layer.parameterShapes().get(0)[0];
        int width = Species.padded(outputs);
        int taps = kernel * kernel;
        for (int k = 0; k < count - outputs; k++) {
            int tap = k % taps;
            int input = k / taps % inputs;
            places[next++] = at + (tap * inputs + input) * width + k / (taps * inputs);
        }
        for (int o = 0; o < outputs; o++) {
            places[next++] = at + taps * inputs * width + o;
        }
    }

    /** From the contract's order; what is padding stays as it is. */
    void pack(float[] values, float[] packed) {
        for (int k = 0; k < places.length; k++) {
            packed[places[k]] = values[k];
        }
    }

    /** To the contract's order. */
    void unpack(float[] packed, float[] values) {
        for (int k = 0; k < places.length; k++) {
            values[k] = packed[places[k]];
        }
    }
}
