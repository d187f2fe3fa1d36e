package leakmark.attacks.published;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.util.List;
import leakmark.attacks.AttackException;
import leakmark.attacks.model.PublicModel;
import org.jspecify.annotations.Nullable;

/** Some of a model's parameters in libtorch: copied once, and again only when another model comes. */
final class UploadedModel implements AutoCloseable {
    private final TorchProgram program;
    private final List<String> names;
    private @Nullable Upload upload;

    private record Upload(PublicModel model, PtNDManager manager, PtNDArray[] parameters) {}

    /** @param names parameters in the order the program takes them */
    UploadedModel(TorchProgram program, List<String> names) {
        this.program = program;
        this.names = names;
    }

    /**
     * The parameters, copied if this model's are not there yet.
     *
     * @throws AttackException if the model has fewer than two layers
     */
    PtNDArray[] parameters(PublicModel model) {
        Upload last = upload;
        if (last != null && last.model().equals(model)) {
            return last.parameters();
        }
        if (model.configuration().layers() < 2) {
            throw new AttackException("DAGER tests sequences at layer 2, the model has "
                    + model.configuration().layers());
        }
        close();
        PtNDManager manager = program.newManager();
        PtNDArray[] parameters = names.stream()
                .map(name -> TorchProgram.upload(manager, model.weight(name)))
                .toArray(PtNDArray[]::new);
        upload = new Upload(model, manager, parameters);
        return parameters;
    }

    @Override
    public void close() {
        if (upload != null) {
            upload.manager().close();
            upload = null;
        }
    }
}
