package leakmark.attacks.client;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.defences.Protection;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.ParameterNames;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;

/**
 * What an attack reads of a gradient that is protected as a whole: all parameters but the frozen embeddings decide how strong
 * relative noise is and which entries are kept.
 */
public final class ReadParameters {
    private final Client client;
    private final PublicModel model;
    private final Task task;

    public ReadParameters(Client client, PublicModel model, Task task) {
        this.client = client;
        this.model = model;
        this.task = task;
    }

    /** All that is trained. */
    public static Set<String> trained(ModelConfiguration configuration) {
        Set<String> names = new LinkedHashSet<>(configuration.parameterShapes().keySet());
        names.remove(ParameterNames.TOKEN_EMBEDDING);
        names.remove(ParameterNames.POSITION_EMBEDDING);
        return names;
    }

    /** The unprotected gradient of all that is trained. */
    public SharedGradient plain(ClientBatch batch) {
        return client.share(model, task, batch, trained(model.configuration()));
    }

    /**
     * Protects a gradient and keeps what is read.
     *
     * @param specification of the protection, or {@code none}
     * @param plain {@link #plain} of the batch
     * @param read names of what is read
     */
    public SharedGradient protect(
            String specification, ClientBatch batch, SharedGradient plain, Set<String> read, long seed) {
        Map<String, Tensor> few = new TreeMap<>(plain.tensors());
        few.keySet().retainAll(read);
        if (specification.matches("(gaussian|laplace):[^+]*")) {
            // Noise on what is read only: the rest would be drawn and thrown away, 85 M entries of gpt2.
            String[] words = specification.split(":", 2);
            double sigma = Double.parseDouble(words[1]) * norm(plain.tensors()) / norm(few);
            return new SharedGradient(
                    task, Protection.parse(words[0] + ":" + sigma).apply(few, ~seed));
        }
        Protection protection = specification.equals("none") ? Protection.none() : Protection.parse(specification);
        Map<String, Tensor> sent = new TreeMap<>(
                protection.privacy() == null
                        ? protection.apply(plain.tensors(), ~seed)
                        : new ProtectedClient(client, protection)
                                .share(model, task, batch, trained(model.configuration()), seed)
                                .tensors());
        sent.keySet().retainAll(read);
        return new SharedGradient(task, sent);
    }

    private static double norm(Map<String, Tensor> gradient) {
        double sum = 0;
        for (Tensor tensor : gradient.values()) {
            for (float value : tensor.data()) {
                sum += (double) value * value;
            }
        }
        return Math.sqrt(sum);
    }
}
