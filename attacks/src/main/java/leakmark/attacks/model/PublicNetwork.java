package leakmark.attacks.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
        try (SafeTensors tensors = SafeTensors.open(file)) {
            return read(name, network, file, tensors, Set.of());
        }
    }

    /**
     * The same from an open file.
     *
     * @param longer parameters that may have more rows than the network's: their first ones are taken
     */
    static PublicNetwork read(String name, Network network, Path file, SafeTensors tensors, Set<String> longer) {
        float[] parameters = new float[network.parameterCount()];
        List<String> names = parameterNames(network);
        List<int[]> shapes = network.parameterShapes();
        int at = 0;
        for (int i = 0; i < names.size(); i++) {
            int[] expected = shapes.get(i);
            int size = Arrays.stream(expected).reduce(1, (a, b) -> a * b);
            float[] values = values(name, file, tensors, names.get(i), names, expected, longer);
            System.arraycopy(values, 0, parameters, at, size);
            at += size;
        }
        checkFinite(file, parameters);
        return new PublicNetwork(name, network, parameters);
    }

    private static float[] values(
            String model,
            Path file,
            SafeTensors tensors,
            String name,
            List<String> names,
            int[] expected,
            Set<String> longer) {
        if (!tensors.names().contains(name)) {
            throw new AttackException(
                    file + ": has no " + name + "; model " + model + " needs " + String.join(", ", names));
        }
        int[] found = tensors.shape(name);
        int[] wanted = expected.clone();
        if (longer.contains(name) && found.length == wanted.length && found[0] > wanted[0]) {
            wanted[0] = found[0];
        }
        PublishedTensors.checkShape(file, name, found, wanted);
        return tensors.get(name).data();
    }

    /** @throws AttackException if a weight is NaN or infinite */
    static void checkFinite(Path file, float[] weights) {
        for (float value : weights) {
            if (!Float.isFinite(value)) {
                throw new AttackException(file + ": has a weight that is " + value);
            }
        }
    }

    /**
     * Writes the weights so that {@link #read} finds them.
     *
     * @throws AttackException if the file cannot be written
     */
    public void write(Path file) {
        SafeTensors.write(file, tensors(), Map.of("model", name));
    }

    /** The weights by name. */
    Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new TreeMap<>();
        List<String> names = parameterNames(network);
        List<int[]> shapes = network.parameterShapes();
        int at = 0;
        for (int i = 0; i < names.size(); i++) {
            int size = Arrays.stream(shapes.get(i)).reduce(1, (a, b) -> a * b);
            tensors.put(names.get(i), new Tensor(shapes.get(i), Arrays.copyOfRange(parameters, at, at + size)));
            at += size;
        }
        return tensors;
    }
}
