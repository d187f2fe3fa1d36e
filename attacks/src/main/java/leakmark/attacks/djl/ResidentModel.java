package leakmark.attacks.djl;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.HashMap;
import java.util.Map;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import leakmark.attacks.model.Weights;

/** A model's parameters in PyTorch's memory, each copied there once, when first wanted. */
final class ResidentModel implements AutoCloseable {
    private final PublicModel model;
    private final NDManager manager;
    private final Map<String, NDArray> parameters = new HashMap<>();

    ResidentModel(PublicModel model) {
        this.model = model;
        this.manager = TorchEngine.get().newBaseManager(Device.cpu());
    }

    /** True if these are that model's parameters: the same object, not an equal one. */
    boolean holds(Weights weights) {
        return model.weights() == weights;
    }

    ModelConfiguration configuration() {
        return model.configuration();
    }

    /** A manager for one call's arrays. */
    NDManager newCall() {
        return manager.newSubManager();
    }

    /**
     * A handle on a parameter that shares its values but has a gradient of its own.
     *
     * @param call owns the handle, and so whatever is computed from it first
     */
    NDArray handle(String name, NDManager call) {
        NDArray handle = parameters.computeIfAbsent(name, this::upload).stopGradient();
        handle.attach(call);
        return handle;
    }

    private NDArray upload(String name) {
        Tensor tensor = model.weight(name);
        long[] extents = new long[tensor.shape().length];
        for (int i = 0; i < extents.length; i++) {
            extents[i] = tensor.shape()[i];
        }
        return manager.create(tensor.data(), new Shape(extents));
    }

    @Override
    public void close() {
        manager.close();
    }
}
