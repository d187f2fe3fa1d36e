package leakmark.attacks.client;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import leakmark.attacks.defences.DpSgd;
import leakmark.attacks.defences.Protection;
import leakmark.attacks.dlg.Victim;
import leakmark.attacks.model.PublicNetwork;
import leakmark.attacks.model.Tensor;

/** A client of a network that protects its gradient before it shares it, layer by layer. */
public final class ProtectedNetworkClient {
    private final NetworkClient client;
    private final Protection protection;

    /** @param client computes the gradients */
    public ProtectedNetworkClient(NetworkClient client, Protection protection) {
        this.client = client;
        this.protection = protection;
    }

    /**
     * The protected gradient of a batch of images.
     *
     * @param seed of the protection's random numbers, which the server does not know
     * @throws leakmark.attacks.AttackException as {@link NetworkClient#share(PublicNetwork, ImageBatch)} does, and if the
     *     gradient cannot be sent so
     */
    public Victim share(PublicNetwork model, ImageBatch batch, long seed) {
        SortedMap<String, Tensor> gradient;
        DpSgd privacy = protection.privacy();
        if (privacy == null) {
            gradient = layers(model, client.share(model, batch).gradient());
        } else {
            List<SortedMap<String, Tensor>> examples = new ArrayList<>();
            for (int i = 0; i < batch.images().size(); i++) {
                ImageBatch one = new ImageBatch(List.of(batch.images().get(i)), new int[] {batch.labels()[i]});
                examples.add(layers(model, client.share(model, one).gradient()));
            }
            gradient = privacy.release(examples, new SplittableRandom(seed));
        }
        float[] shared = new float[model.network().parameterCount()];
        int at = 0;
        for (Tensor layer : protection.apply(gradient, ~seed).values()) {
            System.arraycopy(layer.data(), 0, shared, at, layer.data().length);
            at += layer.data().length;
        }
        return new Victim(shared, batch.images().size());
    }

    /** Parameters apart, named so that they sort in the network's order. */
    private static SortedMap<String, Tensor> layers(PublicNetwork model, float[] gradient) {
        SortedMap<String, Tensor> result = new TreeMap<>();
        int at = 0;
        for (int[] shape : model.network().parameterShapes()) {
            int size = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
            result.put(
                    String.format(java.util.Locale.ROOT, "%04d", result.size()),
                    new Tensor(shape, Arrays.copyOfRange(gradient, at, at + size)));
            at += size;
        }
        return result;
    }
}
