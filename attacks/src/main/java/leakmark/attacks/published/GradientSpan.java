package leakmark.attacks.published;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import leakmark.attacks.AttackException;
import leakmark.attacks.model.Tensor;
import leakmark.attacks.published.PublishedDager.Settings;

/**
 * Column space of a gradient.
 *
 * @param projectors its basis as the programs take it
 * @param rank directions of it
 */
record GradientSpan(PtNDArray[] projectors, int rank) {
    /** Methods for it, to be loaded with those that use them. */
    static final String RESOURCE = "span.torchscript";

    /**
     * By SVD; singular values above the tolerance count.
     *
     * @param name of the gradient, for messages
     * @param values d rows
     * @throws AttackException if the gradient is zero
     */
    static GradientSpan of(TorchProgram program, PtNDManager manager, Settings settings, String name, Tensor values) {
        PtNDArray[] decomposition = program.call(manager, "row_space", TorchProgram.upload(manager, values));
        float[] singular = decomposition[1].toFloatArray();
        int rank = 0;
        while (rank < values.rows() - settings.rankCutoff()
                && singular[rank] > settings.rankTolerance() * singular[0]) {
            rank++;
        }
        if (rank == 0) {
            throw new AttackException("the gradient of " + name + " is zero; nothing can be read from it");
        }
        return new GradientSpan(program.call(manager, "projectors", decomposition[0], (long) rank), rank);
    }

    /**
     * A gradient must be of the model.
     *
     * @param parts columns over d
     * @throws AttackException if it has another shape, or a value that is not finite
     */
    static void require(String name, Tensor values, int d, int parts) {
        if (values.rows() != d || values.columns() != parts * d) {
            throw new AttackException("the gradient of " + name + " is " + values.rows() + " x " + values.columns()
                    + ", the model needs " + d + " x " + parts * d + "; give the model that made it");
        }
        for (float value : values.data()) {
            if (!Float.isFinite(value)) {
                throw new AttackException("the gradient of " + name + " has a value that is not finite");
            }
        }
    }
}
