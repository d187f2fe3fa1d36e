package leakmark.attacks;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.PublishedTensors;
import leakmark.attacks.model.SafeTensors;
import leakmark.attacks.model.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A shared gradient as a safetensors file: tensors under their published names and in their published orientation (the
 * classifier labels × d), so that a file saved from PyTorch's {@code named_parameters()} reads too. The metadata hold the
 * format, the task and where the gradient came from.
 */
public final class GradientFile {
    private static final String FORMAT_KEY = "format";
    private static final String FORMAT_FAMILY = "leakmark-gradient/";
    private static final String FORMAT = FORMAT_FAMILY + "1";
    private static final String TASK_KEY = "task";

    private GradientFile() {}

    /**
     * Writes a gradient; the file appears whole or not at all.
     *
     * @param provenance what else a reader may want to know: model, seed, standard deviation of the weights
     * @throws AttackException if the file cannot be written
     */
    public static void write(Path file, SharedGradient gradient, Map<String, String> provenance) {
        Map<String, String> metadata = new TreeMap<>(provenance);
        if (metadata.put(FORMAT_KEY, FORMAT) != null
                || metadata.put(TASK_KEY, gradient.task().label()) != null) {
            throw new IllegalArgumentException("provenance cannot set " + FORMAT_KEY + " or " + TASK_KEY);
        }
        Map<String, Tensor> stored = new TreeMap<>();
        gradient.tensors().forEach((name, tensor) -> stored.put(name, PublishedTensors.turned(name, tensor)));
        SafeTensors.write(file, stored, metadata);
    }

    /**
     * Reads a gradient written by {@link #write}.
     *
     * @throws AttackException as {@link #read(Path, PublicModel, Task)} does
     */
    public static SharedGradient read(Path file, PublicModel model) {
        return read(file, model, null);
    }

    /**
     * Reads a gradient and checks it against the model it belongs to.
     *
     * @param task the task, needed where the file does not say it; null if it does
     * @throws AttackException if the file is broken, contradicts the task, says none and none is given, or holds no
     *     tensors, unknown names, other shapes than the model's, NaN, infinities, or nothing but zeros
     */
    public static SharedGradient read(Path file, PublicModel model, @Nullable Task task) {
        try (SafeTensors tensors = SafeTensors.open(file)) {
            Task actual = task(file, tensors.metadata(), task);
            if (tensors.names().isEmpty()) {
                throw new AttackException(file + ": holds no gradient at all");
            }
            Map<String, int[]> shapes = model.configuration().parameterShapes();
            Map<String, Tensor> gradients = new LinkedHashMap<>();
            boolean allZero = true;
            for (String stored : tensors.names()) {
                String name = PublishedTensors.parameterName(stored);
                int[] shape = shapes.get(name);
                if (shape == null) {
                    throw new AttackException(file + ": " + oneLine(stored) + " is no parameter of model "
                            + model.configuration().name() + "; leave it out, or name the right model");
                }
                PublishedTensors.checkShape(file, name, tensors.shape(stored), shape);
                Tensor tensor = tensors.get(stored);
                allZero &= isZero(file, name, tensor.data());
                if (gradients.put(name, PublishedTensors.turned(name, tensor)) != null) {
                    throw new AttackException(file + ": holds the gradient of " + name + " twice");
                }
            }
            if (allZero) {
                throw new AttackException(file + ": every gradient is zero; nothing can be recovered from it");
            }
            return new SharedGradient(actual, gradients);
        }
    }

    /**
     * What the writer noted beside the gradient: the metadata without format and task. A file of another program's
     * gives all its metadata.
     *
     * @throws AttackException if the file is broken
     */
    public static Map<String, String> provenance(Path file) {
        try (SafeTensors tensors = SafeTensors.open(file)) {
            Map<String, String> metadata = new TreeMap<>(tensors.metadata());
            if (FORMAT.equals(metadata.get(FORMAT_KEY))) {
                metadata.remove(FORMAT_KEY);
                metadata.remove(TASK_KEY);
            }
            return metadata;
        }
    }

    private static Task task(Path file, Map<String, String> metadata, @Nullable Task given) {
        String format = metadata.getOrDefault(FORMAT_KEY, "");
        if (!format.startsWith(FORMAT_FAMILY)) {
            if (given == null) {
                throw new AttackException(file + ": does not say what was trained; give the task, " + labels());
            }
            return given;
        }
        if (!format.equals(FORMAT)) {
            throw new AttackException(file + ": has the format " + oneLine(format) + ", this version reads " + FORMAT);
        }
        String label = metadata.getOrDefault(TASK_KEY, "none");
        for (Task task : Task.values()) {
            if (task.label().equals(label)) {
                if (given != null && given != task) {
                    throw new AttackException(
                            file + ": was made for the task " + label + ", but " + given.label() + " was given");
                }
                return task;
            }
        }
        throw new AttackException(file + ": has the unknown task " + oneLine(label) + "; expected " + labels());
    }

    private static String labels() {
        return Task.CLASSIFICATION.label() + " or " + Task.NEXT_TOKEN.label();
    }

    private static boolean isZero(Path file, String name, float[] values) {
        boolean zero = true;
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new AttackException(file + ": the gradient of " + name + " has the value " + values[i]
                        + " at position " + i + "; a gradient with NaN or infinities cannot be attacked");
            }
            zero &= values[i] == 0;
        }
        return zero;
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
