package leakmark.attacks.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import leakmark.attacks.AttackException;
import leakmark.kernels.matching.Layer;
import leakmark.kernels.matching.Network;

/**
 * A network as server and client both know it.
 *
 * @param name what a user calls it
 * @param network its layers
 * @param parameters its weights, in the order of {@link Network#parameterShapes}; no copy is taken
 */
public record PublicNetwork(String name, Network network, float[] parameters) {
    public PublicNetwork {
        if (parameters.length != network.parameterCount()) {
            throw new IllegalArgumentException(
                    "network " + name + " has " + network.parameterCount() + " parameters, not " + parameters.length);
        }
    }

    /**
     * Parameter names as PyTorch gives them to an {@code nn.Sequential} of the same layers: {@code 0.weight},
     * {@code 0.bias}; inside a residual layer {@code 2.body.0.weight} and {@code 2.shortcut.0.weight}.
     */
    public static List<String> parameterNames(Network network) {
        List<String> names = new ArrayList<>();
        collect(network.layers(), "", names);
        return names;
    }

    private static void collect(List<Layer> layers, String prefix, List<String> names) {
        for (int i = 0; i < layers.size(); i++) {
            if (layers.get(i) instanceof Layer.Residual residual) {
                collect(residual.body(), prefix + i + ".body.", names);
                collect(residual.shortcut(), prefix + i + ".shortcut.", names);
            } else {
                int count = layers.get(i).parameterShapes().size();
                if (count > 0) {
                    names.add(prefix + i + ".weight");
                }
                if (count > 1) {
                    names.add(prefix + i + ".bias");
                }
            }
        }
    }

    /**
     * A network with weights from a safetensors file.
     *
     * @throws AttackException if the file cannot be read, lacks a parameter, or has one of another shape
     */
    public static PublicNetwork read(String name, Network network, Path file) {
        float[] parameters = new float[network.parameterCount()];
        try (SafeTensors tensors = SafeTensors.open(file)) {
            List<String> names = parameterNames(network);
            List<int[]> shapes = network.parameterShapes();
            int at = 0;
            for (int i = 0; i < names.size(); i++) {
                if (!tensors.names().contains(names.get(i))) {
                    throw new AttackException(file + ": has no " + names.get(i) + "; model " + name + " needs "
                            + String.join(", ", names));
                }
                PublishedTensors.checkShape(file, names.get(i), tensors.shape(names.get(i)), shapes.get(i));
                float[] values = tensors.get(names.get(i)).data();
                System.arraycopy(values, 0, parameters, at, values.length);
                at += values.length;
            }
        }
        for (float value : parameters) {
            if (!Float.isFinite(value)) {
                throw new AttackException(file + ": has a weight that is " + value);
            }
        }
        return new PublicNetwork(name, network, parameters);
    }

    /**
     * Writes the weights so that {@link #read} finds them.
     *
     * @throws AttackException if the file cannot be written
     */
    public void write(Path file) {
        Map<String, Tensor> tensors = new TreeMap<>();
        List<String> names = parameterNames(network);
        List<int[]> shapes = network.parameterShapes();
        int at = 0;
        for (int i = 0; i < names.size(); i++) {
            int size = 1;
            for (int extent : shapes.get(i)) {
                size *= extent;
            }
            tensors.put(
                    names.get(i), new Tensor(shapes.get(i), java.util.Arrays.copyOfRange(parameters, at, at + size)));
            at += size;
        }
        SafeTensors.write(file, tensors, Map.of("model", name));
    }
}
