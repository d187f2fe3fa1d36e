package leakmark.attacks.client;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import leakmark.attacks.GradientOracle;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.defences.Protection;
import leakmark.attacks.defences.SecureAggregation;
import leakmark.attacks.encryption.EncryptedSum;
import leakmark.attacks.encryption.FixedPoint;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;

/**
 * Runs one round of a federated setting and gives what its curious party sees. Only the parameters that the attacks read are
 * looked at.
 */
public final class Federation {
    /** Values of each parameter that go through real ciphertexts, which cost a millisecond each. */
    private static final int ENCRYPTED = 64;

    /** Of the server, in several rounds of the same data. */
    private static final double SERVER_RATE = 1e-4;

    private final GradientOracle oracle;
    private final PublicModel model;
    private final Task task;
    private final Client client;

    /** @param oracle computes the gradients */
    public Federation(GradientOracle oracle, PublicModel model, Task task) {
        this.oracle = oracle;
        this.model = model;
        this.task = task;
        this.client = new Client(oracle);
    }

    /**
     * What is seen.
     *
     * @param batches one for each of the setting's clients
     * @throws leakmark.attacks.AttackException if the setting cannot be had with this model or these batches
     */
    public Seen observe(FederatedSetting setting, List<ClientBatch> batches, long seed) {
        return switch (setting.kind()) {
            case FEDSGD -> seen(setting, List.of(share(setting, batches.get(0), names(), seed)), batches);
            case FEDAVG -> averaged(setting, batches.get(0), seed);
            case SUM -> seen(setting, List.of(mean(shares(setting, batches, seed))), batches);
            case SECURE_AGGREGATION -> secure(setting, batches, seed);
            case ENCRYPTED_SUM -> encrypted(setting, batches, seed);
            case ALL_REDUCE -> reduced(setting, batches, seed);
            case GOSSIP -> gossip(setting, batches, seed);
            case LORA -> adapters(setting, batches.get(0), seed);
            case LAYERS -> seen(setting, List.of(layers(setting, batches.get(0), seed)), batches);
            case ROUNDS -> rounds(setting, batches.get(0), seed);
        };
    }

    private Set<String> names() {
        return Client.decoderAttackNames(model.configuration(), task);
    }

    private SharedGradient share(FederatedSetting setting, ClientBatch batch, Set<String> names, long seed) {
        if (setting.protection().isNone()) {
            return client.share(model, task, batch, names);
        }
        ReadParameters parameters = new ReadParameters(client, model, task);
        return parameters.protect(setting.protection().label(), batch, parameters.plain(batch), names, seed);
    }

    private List<SharedGradient> shares(FederatedSetting setting, List<ClientBatch> batches, long seed) {
        List<SharedGradient> shares = new ArrayList<>();
        for (int c = 0; c < batches.size(); c++) {
            shares.add(share(setting, batches.get(c), names(), seed + 1000L * c));
        }
        return shares;
    }

    private Seen seen(FederatedSetting setting, List<SharedGradient> seen, List<ClientBatch> batches) {
        return new Seen(model, seen, seen, kind(setting, Seen.Kind.EXACT), 0, Seen.joined(batches), null);
    }

    private static Seen.Kind kind(FederatedSetting setting, Seen.Kind plain) {
        return setting.protection().isNone() ? plain : Seen.Kind.PROTECTED;
    }

    private Seen averaged(FederatedSetting setting, ClientBatch batch, long seed) {
        FedAvgClient.Schedule schedule = setting.schedule();
        Set<String> names = Client.updateNames(model.configuration(), task);
        SharedGradient update = new FedAvgClient(oracle, schedule).share(model, task, batch, names);
        List<SharedGradient> seen =
                List.of(new SharedGradient(task, setting.protection().apply(update.tensors(), seed)));
        double movement = schedule.steps(batch.sentences().size()) * schedule.learningRate();
        return new Seen(model, seen, seen, kind(setting, Seen.Kind.UPDATE), movement, batch, null);
    }

    /** The protocol itself, each parameter in a fixed point of its own range; the last clients leave after their masks went out. */
    private Seen secure(FederatedSetting setting, List<ClientBatch> batches, long seed) {
        List<SharedGradient> shares = shares(setting, batches, seed);
        int stay = batches.size() - setting.whole(2, 0, batches.size());
        Map<String, Tensor> sum = new TreeMap<>();
        for (String name : shares.get(0).tensors().keySet()) {
            SecureAggregation protocol = new SecureAggregation(
                    batches.size(), setting.whole(1, 1, batches.size()), 2 * largest(shares, name));
            Map<Integer, int[]> sent = new LinkedHashMap<>();
            for (int c = 0; c < stay; c++) {
                sent.put(c, protocol.masked(c, shares.get(c).get(name).data()));
            }
            sum.put(name, new Tensor(shares.get(0).get(name).shape(), protocol.sum(sent)));
        }
        List<SharedGradient> seen = List.of(new SharedGradient(task, sum));
        return new Seen(
                model, seen, seen, kind(setting, Seen.Kind.BLURRED), 0, Seen.joined(batches.subList(0, stay)), null);
    }

    /**
     * The server adds ciphertexts; what it learns is the sum that the clients decrypt and send back, each parameter in a fixed
     * point of its own range. The first values of each parameter go through the protocol, the rest through its arithmetic.
     */
    private Seen encrypted(FederatedSetting setting, List<ClientBatch> batches, long seed) {
        List<SharedGradient> shares = shares(setting, batches, seed);
        int bits = setting.whole(1, 2, 16);
        EncryptedSum protocol = new EncryptedSum(batches.size(), bits);
        Map<String, Tensor> sum = new TreeMap<>();
        for (String name : shares.get(0).tensors().keySet()) {
            double range = largest(shares, name);
            List<float[]> values =
                    shares.stream().map(share -> share.get(name).data()).toList();
            float[] decrypted = new FixedPoint(bits, range).sum(values);
            float[] first = protocol.decrypt(
                    EncryptedSum.add(values.stream()
                            .map(all -> protocol.encrypt(Arrays.copyOf(all, Math.min(all.length, ENCRYPTED)), range))
                            .toList()),
                    range);
            System.arraycopy(first, 0, decrypted, 0, first.length);
            sum.put(name, new Tensor(shares.get(0).get(name).shape(), decrypted));
        }
        List<SharedGradient> seen = List.of(new SharedGradient(task, sum));
        return new Seen(model, seen, seen, Seen.Kind.PROTECTED, 0, Seen.joined(batches), null);
    }

    private static double largest(List<SharedGradient> shares, String name) {
        double largest = Double.MIN_NORMAL;
        for (SharedGradient share : shares) {
            for (float value : share.get(name).data()) {
                largest = Math.max(largest, Math.abs(value));
            }
        }
        return largest;
    }

    private Seen reduced(FederatedSetting setting, List<ClientBatch> batches, long seed) {
        List<SharedGradient> shares = shares(setting, batches, seed);
        SharedGradient sum = mean(shares);
        Map<String, Tensor> others = new TreeMap<>();
        sum.tensors().forEach((name, mean) -> {
            float[] own = shares.get(0).get(name).data();
            float[] rest = new float[own.length];
            for (int i = 0; i < rest.length; i++) {
                rest[i] = (float) ((double) mean.data()[i] * shares.size() - own[i]);
            }
            others.put(name, new Tensor(mean.shape(), rest));
        });
        return new Seen(
                model,
                List.of(sum),
                List.of(new SharedGradient(task, others)),
                kind(setting, Seen.Kind.BLURRED),
                0,
                Seen.joined(batches.subList(1, batches.size())),
                null);
    }

    private Seen gossip(FederatedSetting setting, List<ClientBatch> batches, long seed) {
        Gossip gossip = Gossip.of(setting.parameters().get(0), batches.size());
        int exchanges = setting.whole(2, 1, 64);
        List<SharedGradient> shares = shares(setting, batches, seed);
        List<double[]> solutions = new ArrayList<>();
        List<Integer> alike = new ArrayList<>();
        for (int node = 1; node < batches.size(); node++) {
            double[] coefficients = gossip.coefficients(List.of(node), exchanges);
            if (coefficients == null) {
                alike.add(node);
            } else {
                solutions.add(coefficients);
            }
        }
        double[] together = alike.isEmpty() ? null : gossip.coefficients(alike, exchanges);
        if (together != null) {
            solutions.add(together);
        }
        List<Map<String, Tensor>> solved = new ArrayList<>();
        solutions.forEach(coefficients -> solved.add(new TreeMap<>()));
        shares.get(0).tensors().forEach((name, first) -> {
            List<float[]> messages = gossip.messages(
                    shares.stream().map(share -> share.get(name).data()).toList(), exchanges);
            for (int s = 0; s < solutions.size(); s++) {
                solved.get(s).put(name, new Tensor(first.shape(), combined(solutions.get(s), messages)));
            }
        });
        List<SharedGradient> neighbours = new ArrayList<>();
        for (int node = 1; node < batches.size(); node++) {
            if (gossip.isNeighbour(node)) {
                neighbours.add(shares.get(node));
            }
        }
        return new Seen(
                model,
                neighbours,
                solved.stream()
                        .map(tensors -> new SharedGradient(task, tensors))
                        .toList(),
                kind(setting, Seen.Kind.BLURRED),
                0,
                Seen.joined(batches.subList(1, batches.size())),
                null);
    }

    private static float[] combined(double[] coefficients, List<float[]> messages) {
        double[] sum = new double[messages.get(0).length];
        for (int m = 0; m < coefficients.length; m++) {
            for (int i = 0; coefficients[m] != 0 && i < sum.length; i++) {
                sum[i] += coefficients[m] * messages.get(m)[i];
            }
        }
        float[] result = new float[sum.length];
        for (int i = 0; i < sum.length; i++) {
            result[i] = (float) sum[i];
        }
        return result;
    }

    private Seen adapters(FederatedSetting setting, ClientBatch batch, long seed) {
        boolean zero = setting.parameters().size() > 1;
        LowRankAdapters adapters = new LowRankAdapters(model, setting.whole(0, 1, 1 << 20), zero, seed);
        Map<String, Tensor> full = oracle.gradient(adapters.model(), task, batch.tokens(), adapters.names());
        List<SharedGradient> seen =
                List.of(new SharedGradient(task, setting.protection().apply(adapters.down(full), seed)));
        return new Seen(
                adapters.model(),
                seen,
                seen,
                kind(setting, Seen.Kind.EXACT),
                0,
                batch,
                zero ? "B is zero before the first step, and so is A's gradient: it says nothing" : null);
    }

    private SharedGradient layers(FederatedSetting setting, ClientBatch batch, long seed) {
        int layers = setting.whole(0, 1, 1000);
        Set<String> names = new LinkedHashSet<>(names());
        names.removeIf(name ->
                !name.startsWith("h.") || Integer.parseInt(name.substring(2, name.indexOf('.', 2))) >= layers);
        return share(setting, batch, names, seed);
    }

    /** The server sees each round; between rounds it steps along the gradient. */
    private Seen rounds(FederatedSetting setting, ClientBatch batch, long seed) {
        int rounds = setting.whole(0, 1, 1000);
        Set<String> names = Client.updateNames(model.configuration(), task);
        Protection protection = setting.protection();
        List<SharedGradient> each = new ArrayList<>();
        new FedAvgClient(
                        oracle,
                        new FedAvgClient.Schedule(rounds, batch.sentences().size(), SERVER_RATE))
                .share(model, task, batch, names, gradient -> {
                    Map<String, Tensor> read = new TreeMap<>(gradient);
                    read.keySet().retainAll(names);
                    each.add(new SharedGradient(task, protection.apply(read, seed + 1000L * each.size())));
                });
        return new Seen(
                model,
                List.of(each.get(each.size() - 1)),
                List.of(mean(each)),
                kind(setting, Seen.Kind.UPDATE),
                rounds * SERVER_RATE,
                batch,
                null);
    }

    private SharedGradient mean(List<SharedGradient> shares) {
        Map<String, Tensor> mean = new TreeMap<>();
        shares.get(0).tensors().forEach((name, first) -> {
            float[] values = new float[first.data().length];
            for (int i = 0; i < values.length; i++) {
                double sum = 0;
                for (SharedGradient share : shares) {
                    sum += share.get(name).data()[i];
                }
                values[i] = (float) (sum / shares.size());
            }
            mean.put(name, new Tensor(first.shape(), values));
        });
        return new SharedGradient(task, mean);
    }
}
