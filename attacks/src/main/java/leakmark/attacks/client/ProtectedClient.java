package leakmark.attacks.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.defences.DpSgd;
import leakmark.attacks.defences.Protection;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;

/** A client that protects its gradient before it shares it. */
public final class ProtectedClient {
    private final Client client;
    private final Protection protection;

    /** @param client computes the gradients */
    public ProtectedClient(Client client, Protection protection) {
        this.client = client;
        this.protection = protection;
    }

    /**
     * The protected gradient.
     *
     * @param seed of the protection's random numbers, which the server does not know
     * @throws leakmark.attacks.AttackException as {@link Client#share} does, and if the gradient cannot be sent so
     */
    public SharedGradient share(PublicModel model, Task task, ClientBatch batch, Set<String> names, long seed) {
        return new SharedGradient(task, protection.apply(gradient(model, task, batch, names, seed), ~seed));
    }

    private Map<String, Tensor> gradient(
            PublicModel model, Task task, ClientBatch batch, Set<String> names, long seed) {
        DpSgd privacy = protection.privacy();
        if (privacy == null) {
            return client.share(model, task, batch, names).tensors();
        }
        List<SortedMap<String, Tensor>> examples = new ArrayList<>();
        TokenBatch all = batch.tokens();
        for (int e = 0; e < all.sequences().size(); e++) {
            TokenBatch one = new TokenBatch(
                    List.of(all.sequences().get(e)), new int[] {all.offsets()[e]}, new int[] {all.labels()[e]});
            ClientBatch example = new ClientBatch(List.of(batch.sentences().get(e)), one);
            examples.add(new TreeMap<>(client.share(model, task, example, names).tensors()));
        }
        return privacy.release(examples, new SplittableRandom(seed));
    }
}
