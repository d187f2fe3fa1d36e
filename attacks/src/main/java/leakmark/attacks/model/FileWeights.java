package leakmark.attacks.model;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Weights out of safetensors files, read one by one when first asked for; those no file has come from elsewhere. */
final class FileWeights implements Weights {
    /** Where a parameter lies, under which name, and its extents in the model. */
    static final class Source {
        private final Path file;
        private final String stored;
        private final int[] shape;

        Source(Path file, String stored, int[] shape) {
            this.file = file;
            this.stored = stored;
            this.shape = shape;
        }

        /** Opened for one tensor and closed again: nobody closes a model. The header is read anew, about 15 kB. */
        Tensor read(String name) {
            try (SafeTensors tensors = SafeTensors.open(file)) {
                PublishedTensors.checkShape(file, name, tensors.shape(stored), shape);
                return PublishedTensors.turned(name, tensors.get(stored));
            }
        }
    }

    private final Set<String> names;
    private final Map<String, Source> sources;
    private final Weights others;
    private final Map<String, Tensor> tensors = new ConcurrentHashMap<>();

    FileWeights(Set<String> names, Map<String, Source> sources, Weights others) {
        this.names = Collections.unmodifiableSet(new LinkedHashSet<>(names));
        this.sources = Map.copyOf(sources);
        this.others = others;
    }

    @Override
    public Set<String> names() {
        return names;
    }

    @Override
    public Tensor get(String name) {
        Source source = sources.get(name);
        return source == null ? others.get(name) : tensors.computeIfAbsent(name, source::read);
    }
}
