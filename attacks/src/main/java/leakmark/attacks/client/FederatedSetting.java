package leakmark.attacks.client;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import leakmark.attacks.AttackException;
import leakmark.attacks.defences.Protection;
import leakmark.attacks.encryption.FixedPoint;

/** A federated setting by name, with its parameters, and what a study sweeps. */
public final class FederatedSetting {
    /** Settings by name. */
    public enum Kind {
        FEDSGD("fedsgd", "", 0, 0, "parameter server, one client's gradient", "fedsgd"),
        FEDAVG(
                "fedavg",
                "epochs:sentences of a step:learning rate",
                3,
                3,
                "parameter server, one client's weights after local training",
                "fedavg:10:1:1e-4"),
        SUM("sum", "clients", 1, 1, "parameter server, the sum over clients", "sum:4"),
        SECURE_AGGREGATION(
                "secure-aggregation",
                "clients:threshold:clients that leave",
                3,
                3,
                "server of secure aggregation: masked vectors, and their sum",
                "secure-aggregation:4:3:1"),
        ENCRYPTED_SUM(
                "encrypted-sum",
                "clients:bits of a value",
                2,
                2,
                "server of homomorphic encryption: ciphertexts, and the sum that the clients decrypt",
                "encrypted-sum:4:16"),
        ALL_REDUCE("all-reduce", "workers", 1, 1, "any worker: the sum, less its own gradient", "all-reduce:4"),
        GOSSIP(
                "gossip",
                "graph:nodes:exchanges; a graph is ring, line, star, complete, or edges such as 0-1/1-2",
                3,
                3,
                "node 0 of a graph: what its neighbours send while they average",
                "gossip:ring:6:3",
                "gossip:star:6:3"),
        LORA(
                "lora",
                "rank, or rank:zero for adapters before their first step",
                1,
                2,
                "parameter server, adapters' gradients only",
                "lora:128",
                "lora:128:zero"),
        LAYERS(
                "layers",
                "how many, from the first",
                1,
                1,
                "parameter server, gradients of a few layers only",
                "layers:1"),
        ROUNDS(
                "rounds",
                "rounds of the same data",
                1,
                1,
                "parameter server, several rounds",
                "rounds:16+gaussian:5e-3",
                "rounds:4+dgc:0.1");

        private final String label;
        private final String parameters;
        private final int fewest;
        private final int most;
        private final String view;
        // Set once and never handed out.
        @SuppressWarnings("ImmutableEnumChecker")
        private final List<String> sweep;

        Kind(String label, String parameters, int fewest, int most, String view, String... sweep) {
            this.label = label;
            this.parameters = parameters;
            this.fewest = fewest;
            this.most = most;
            this.view = view;
            this.sweep = List.of(sweep);
        }

        /** Name in a specification. */
        public String label() {
            return label;
        }

        /** What its parameters mean; empty if it has none. */
        public String parameters() {
            return parameters;
        }

        /** Who looks, and at what. */
        public String view() {
            return view;
        }

        /** Specifications that a study sweeps. */
        public List<String> sweep() {
            return sweep;
        }

        static Kind of(String label) {
            return Arrays.stream(values())
                    .filter(kind -> kind.label.equals(label))
                    .findFirst()
                    .orElseThrow(() -> new AttackException("no setting is called '" + label + "'; there are "
                            + Arrays.stream(values()).map(Kind::label).collect(Collectors.joining(", "))));
        }
    }

    private final String label;
    private final Kind kind;
    private final List<String> parameters;
    private final String protection;

    private FederatedSetting(String label, Kind kind, List<String> parameters, String protection) {
        this.label = label;
        this.kind = kind;
        this.parameters = parameters;
        this.protection = protection;
    }

    /**
     * The setting of a specification: a name with parameters, then defences of every client, joined by {@code +}.
     *
     * @throws AttackException if a name or a parameter is wrong
     */
    public static FederatedSetting parse(String specification) {
        String[] steps = specification.strip().split("\\+", 2);
        List<String> words = Arrays.asList(steps[0].split(":", -1));
        Kind kind = Kind.of(words.get(0));
        List<String> parameters = words.subList(1, words.size());
        if (parameters.size() < kind.fewest || parameters.size() > kind.most) {
            throw new AttackException("setting " + kind.label
                    + (kind.parameters.isEmpty() ? " takes no parameter" : " takes " + kind.parameters) + ", as in "
                    + kind.sweep.get(0) + "; not '" + specification + "'");
        }
        FederatedSetting setting =
                new FederatedSetting(specification.strip(), kind, parameters, steps.length > 1 ? steps[1] : "");
        setting.check();
        return setting;
    }

    private void check() {
        protection();
        switch (kind) {
            case FEDSGD -> {}
            case FEDAVG -> {
                schedule();
                withoutPrivacy();
            }
            case SECURE_AGGREGATION -> {
                int left = whole(2, 0, 1000);
                int threshold = whole(1, 1, 1000);
                if (clients() - left < threshold) {
                    throw new AttackException((clients() - left) + " shares are below the threshold of " + threshold
                            + ": the masks of clients that left cannot be removed; let fewer leave");
                }
            }
            case ENCRYPTED_SUM -> FixedPoint.requireRoom(clients(), whole(1, 2, 16));
            case GOSSIP -> {
                Gossip.of(parameters.get(0), clients());
                whole(2, 1, 64);
            }
            case LORA -> {
                withoutPrivacy();
                whole(0, 1, 1 << 20);
                if (parameters.size() > 1 && !parameters.get(1).equals("zero")) {
                    throw new AttackException(
                            "setting lora: after the rank only 'zero' may stand, not '" + parameters.get(1) + "'");
                }
            }
            case SUM, ALL_REDUCE -> clients();
            case LAYERS -> whole(0, 1, 1000);
            case ROUNDS -> {
                whole(0, 1, 1000);
                withoutPrivacy();
            }
        }
    }

    private void withoutPrivacy() {
        if (protection().privacy() != null) {
            throw new AttackException(
                    "dp-sgd here is for one step, not for " + kind.label + "; choose another defence");
        }
    }

    /** The specification. */
    public String label() {
        return label;
    }

    public Kind kind() {
        return kind;
    }

    List<String> parameters() {
        return parameters;
    }

    /** A new protection of every client's message: some keep what they did not send. */
    Protection protection() {
        return protection.isEmpty() ? Protection.none() : Protection.parse(protection);
    }

    /** Clients that take part. */
    public int clients() {
        return switch (kind) {
            case SUM, SECURE_AGGREGATION, ENCRYPTED_SUM, ALL_REDUCE -> whole(0, 2, 64);
            case GOSSIP -> whole(1, 2, 64);
            default -> 1;
        };
    }

    FedAvgClient.Schedule schedule() {
        return new FedAvgClient.Schedule(whole(0, 1, 10_000), whole(1, 1, 10_000), number(2));
    }

    int whole(int index, int least, int most) {
        String text = parameters.get(index);
        try {
            int value = Integer.parseInt(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw new AttackException("setting " + kind.label + ": '" + text + "' is no whole number", e);
        }
        throw new AttackException("setting " + kind.label + " (" + kind.parameters + "): a number is from " + least
                + " to " + most + ", not " + text);
    }

    private double number(int index) {
        try {
            return Double.parseDouble(parameters.get(index));
        } catch (NumberFormatException e) {
            throw new AttackException("setting " + kind.label + ": '" + parameters.get(index) + "' is no number", e);
        }
    }
}
