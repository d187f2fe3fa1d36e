package leakmark.attacks.dlg;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import leakmark.attacks.AttackException;
import leakmark.attacks.model.PublicNetwork;
import leakmark.attacks.optim.BatchMinimiser;
import leakmark.attacks.optim.BatchMinimiser.Watch;
import leakmark.attacks.optim.Ending;
import leakmark.attacks.optim.Minimum;
import leakmark.kernels.matching.Distance;
import leakmark.kernels.matching.GradientMatching;
import org.jspecify.annotations.Nullable;

/**
 * DLG and its relatives on many gradients at once: dummy batches are changed until their gradients match. Attacks are
 * independent; each ends by itself. What does not converge starts again from elsewhere, as often as the settings allow.
 */
public final class GradientInversion {
    private final GradientMatching kernels;
    private final InversionSettings settings;
    private final long memory;

    /** An attack that takes at most half of the heap; what does not fit waits for the next round. */
    public GradientInversion(GradientMatching kernels, InversionSettings settings) {
        this(kernels, settings, Runtime.getRuntime().maxMemory() / 2);
    }

    /**
     * An attack within a bound of memory.
     *
     * @param bytes for all attacks that run together; one always runs
     */
    public GradientInversion(GradientMatching kernels, InversionSettings settings, long bytes) {
        this.kernels = kernels;
        this.settings = settings;
        this.memory = bytes;
    }

    /**
     * Inverts gradients.
     *
     * @param victims all of one batch size
     * @param seed victim i starts from seed + i
     * @return a result for each victim, also where it did not converge
     * @throws AttackException if a gradient does not fit the model, or batch sizes differ
     */
    public List<Inversion> invert(PublicNetwork model, List<Victim> victims, long seed, Watch watch) {
        for (Victim victim : victims) {
            victim.check(model);
            if (victim.batchSize() != victims.get(0).batchSize()) {
                throw new AttackException("gradients of " + victims.get(0).batchSize() + " and " + victim.batchSize()
                        + " inputs cannot be attacked together; attack them apart");
            }
        }
        List<Inversion> inversions = new ArrayList<>();
        int together =
                victims.isEmpty() ? 1 : attacksTogether(model, victims.get(0).batchSize());
        for (int from = 0; from < victims.size(); from += together) {
            int to = Math.min(victims.size(), from + together);
            inversions.addAll(chunk(model, victims.subList(from, to), seed + from, watch));
        }
        return inversions;
    }

    /** How many attacks run at a time: as many as the heap and the kernels' device hold. */
    int attacksTogether(PublicNetwork model, int batchSize) {
        long variables = (long) batchSize
                * (model.network().input().size() + model.network().classes());
        Optional<ResidentMinimiser> resident = ResidentMinimiser.of(kernels, settings);
        long host;
        int device;
        if (resident.isPresent()) {
            // Its start, its best, and what the result holds.
            host = memory / (3L * Float.BYTES * variables);
            device = resident.get().attacksThatFit(model, batchSize);
        } else {
            // Target, gradient, direction and their tangents; activations of a layer are below its products.
            long kernel = 4L * Float.BYTES * model.network().parameterCount() + 64 * variables;
            host = memory / (settings.optimiser().bytes(Math.toIntExact(variables)) + kernel);
            device = kernels.attacksThatFit(model.network(), batchSize);
        }
        return (int) Math.max(1, Math.min(Math.min(host, device), Integer.MAX_VALUE / Math.max(1, variables)));
    }

    private List<Inversion> chunk(PublicNetwork model, List<Victim> victims, long seed, Watch watch) {
        @Nullable Inversion[] best = new Inversion[victims.size()];
        List<Integer> open = new ArrayList<>();
        for (int v = 0; v < victims.size(); v++) {
            open.add(v);
        }
        for (int start = 0;
                start < settings.restarts() && !open.isEmpty() && !(start > 0 && watch.cancelled());
                start++) {
            List<Minimum> minima = start(model, victims, open, seed, start, watch);
            List<Integer> still = new ArrayList<>();
            for (int i = 0; i < open.size(); i++) {
                int v = open.get(i);
                Inversion better = better(best[v], minima.get(i), victims.get(v), model);
                best[v] = better;
                if (!better.converged()) {
                    still.add(v);
                }
            }
            open = still;
        }
        List<Inversion> inversions = new ArrayList<>();
        for (Inversion inversion : best) {
            inversions.add(Objects.requireNonNull(inversion));
        }
        return inversions;
    }

    private List<Minimum> start(
            PublicNetwork model, List<Victim> victims, List<Integer> open, long seed, int start, Watch watch) {
        List<Victim> attacked = open.stream().map(victims::get).toList();
        int inputs = victims.get(0).batchSize() * model.network().input().size();
        int logits = victims.get(0).batchSize() * model.network().classes();
        float[][] starts = new float[open.size()][];
        for (int i = 0; i < starts.length; i++) {
            starts[i] = Starts.of(seed + open.get(i), start, settings.inferLabels() ? inputs : inputs + logits);
        }
        return minimise(model, attacked, starts, watch);
    }

    /** One search for each victim from a given start, in units of the input scale. */
    List<Minimum> minimise(PublicNetwork model, List<Victim> victims, float[][] starts, Watch watch) {
        double[] wanted = new double[starts.length];
        for (int i = 0; i < starts.length; i++) {
            wanted[i] = settings.tolerance() * zeroDistance(victims.get(i));
        }
        Optional<ResidentMinimiser> resident = ResidentMinimiser.of(kernels, settings);
        if (resident.isPresent()) {
            return resident.get().minimise(model, victims, starts, wanted, watch);
        }
        BatchMinimiser minimiser = new BatchMinimiser(settings.optimiser(), settings.iterations());
        if (kernels.callers() > 1 && victims.size() > 1) {
            return new CoreMinimiser(kernels.callers(), minimiser)
                    .minimise(a -> objective(model, List.of(victims.get(a))), starts, wanted, watch);
        }
        try (MatchingObjective objective = objective(model, victims)) {
            return minimiser.minimise(objective, starts, wanted, watch);
        }
    }

    /** The function that is minimised. */
    MatchingObjective objective(PublicNetwork model, List<Victim> victims) {
        int classes = model.network().classes();
        int[][] labels = settings.inferLabels()
                ? victims.stream()
                        .map(victim -> InferredLabels.of(victim, classes))
                        .toArray(int[][]::new)
                : null;
        return new MatchingObjective(
                kernels, model, victims, settings.distance(), labels, settings.totalVariation(), settings.inputScale());
    }

    /** Distance of a gradient of zeros: the unit of the tolerance. */
    private double zeroDistance(Victim victim) {
        return settings.distance().kind() == Distance.Kind.COSINE ? 1 : victim.squaredNorm();
    }

    private Inversion better(@Nullable Inversion known, Minimum found, Victim victim, PublicNetwork model) {
        int starts = known == null ? 1 : known.starts() + 1;
        int iterations = found.iterations() + (known == null ? 0 : known.iterations());
        int evaluations = found.evaluations() + (known == null ? 0 : known.evaluations());
        if (known != null && !(found.loss() < known.loss())) {
            return new Inversion(
                    known.inputs(),
                    known.labels(),
                    known.loss(),
                    known.converged(),
                    known.ending(),
                    starts,
                    iterations,
                    evaluations,
                    known.curve());
        }
        int inputs = victim.batchSize() * model.network().input().size();
        int classes = model.network().classes();
        float[] values = java.util.Arrays.copyOf(found.point(), inputs);
        for (int i = 0; i < inputs; i++) {
            values[i] *= (float) settings.inputScale();
        }
        return new Inversion(
                values,
                settings.inferLabels() ? InferredLabels.of(victim, classes) : labels(found.point(), inputs, classes),
                found.loss(),
                found.ending() == Ending.CONVERGED,
                found.ending(),
                starts,
                iterations,
                evaluations,
                found.curve());
    }

    /** The largest logit of each input. */
    private static int[] labels(float[] point, int from, int classes) {
        int[] labels = new int[(point.length - from) / classes];
        for (int i = 0; i < labels.length; i++) {
            for (int c = 1; c < classes; c++) {
                if (point[from + i * classes + c] > point[from + i * classes + labels[i]]) {
                    labels[i] = c;
                }
            }
        }
        return labels;
    }
}
