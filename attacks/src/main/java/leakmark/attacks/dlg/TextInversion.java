package leakmark.attacks.dlg;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import leakmark.attacks.AttackException;
import leakmark.attacks.model.TextNetwork;
import leakmark.attacks.optim.BatchMinimiser.Watch;
import leakmark.attacks.optim.Minimum;
import leakmark.kernels.matching.Distance;
import leakmark.kernels.matching.GradientMatching;
import org.jspecify.annotations.Nullable;

/**
 * Gradient matching on embeddings, with nearest-token read-out: DLG, TAG and LAMP. The tokens that were read out are
 * embedded again; where their own gradient equals the shared one, the attack is done, else it starts again.
 */
public final class TextInversion {
    /** Relative squared distance that float32 explains: two orders of summation of one gradient differ by 3e-7. */
    private static final double CERTIFIED = 1e-10;

    private final GradientMatching kernels;
    private final TextSettings settings;
    private final LanguagePrior prior;
    private final long memory;

    /**
     * An attack that takes at most half of the heap; what does not fit waits for the next round.
     *
     * @param prior chooses among reorderings, where the settings have discrete steps
     */
    public TextInversion(GradientMatching kernels, TextSettings settings, LanguagePrior prior) {
        this(kernels, settings, prior, Runtime.getRuntime().maxMemory() / 2);
    }

    /** @param bytes for all attacks that run together; one always runs */
    TextInversion(GradientMatching kernels, TextSettings settings, LanguagePrior prior, long bytes) {
        this.kernels = kernels;
        this.settings = settings;
        this.prior = prior;
        this.memory = bytes;
    }

    /**
     * Inverts gradients, as many together as the memory holds.
     *
     * @param victims all of one batch size
     * @param seed victim i starts from seed + i
     * @return a result for each
     * @throws AttackException if a gradient does not fit the model, or batch sizes differ
     */
    public List<TextReconstruction> invert(TextNetwork model, List<Victim> victims, long seed, Watch watch) {
        for (Victim victim : victims) {
            victim.check(model.model());
            if (victim.batchSize() != victims.get(0).batchSize()) {
                throw new AttackException("gradients of batches of different sizes cannot be attacked together");
            }
        }
        List<TextReconstruction> results = new ArrayList<>();
        int together = victims.isEmpty()
                ? 1
                : new GradientInversion(kernels, settings.search(), memory)
                        .attacksTogether(model.model(), victims.get(0).batchSize());
        for (int from = 0; from < victims.size(); from += together) {
            int to = Math.min(victims.size(), from + together);
            results.addAll(chunk(model, victims.subList(from, to), seed + from, watch));
        }
        return results;
    }

    private List<TextReconstruction> chunk(TextNetwork model, List<Victim> victims, long seed, Watch watch) {
        @Nullable TextReconstruction[] best = new TextReconstruction[victims.size()];
        List<Integer> open = new ArrayList<>();
        for (int v = 0; v < victims.size(); v++) {
            open.add(v);
        }
        for (int start = 0;
                start < settings.search().restarts() && !open.isEmpty() && !(start > 0 && watch.cancelled());
                start++) {
            List<Victim> attacked = open.stream().map(victims::get).toList();
            List<TextReconstruction> found = attempt(model, attacked, open, seed, start, watch);
            List<Integer> still = new ArrayList<>();
            for (int i = 0; i < open.size(); i++) {
                int v = open.get(i);
                TextReconstruction better = better(best[v], found.get(i));
                best[v] = better;
                if (!better.certified()) {
                    still.add(v);
                }
            }
            open = still;
        }
        List<TextReconstruction> results = new ArrayList<>();
        for (TextReconstruction result : best) {
            results.add(Objects.requireNonNull(result));
        }
        return results;
    }

    private static TextReconstruction better(@Nullable TextReconstruction known, TextReconstruction found) {
        if (known == null) {
            return found;
        }
        TextReconstruction nearer = found.distance() < known.distance() ? found : known;
        return new TextReconstruction(
                nearer.sequences(),
                nearer.labels(),
                nearer.distance(),
                nearer.certified(),
                nearer.ending(),
                known.evaluations() + found.evaluations(),
                nearer.curve());
    }

    private List<TextReconstruction> attempt(
            TextNetwork model, List<Victim> victims, List<Integer> indices, long seed, int start, Watch watch) {
        double unit = deviation(model.embeddings());
        GradientInversion search =
                new GradientInversion(kernels, settings.search().scaled(unit));
        int variables =
                victims.get(0).batchSize() * model.model().network().input().size();
        float[][] points = new float[victims.size()][];
        for (int i = 0; i < points.length; i++) {
            points[i] = Starts.of(seed + indices.get(i), start, variables);
        }
        int[] evaluations = new int[points.length];
        List<Minimum> minima = List.of();
        for (int round = 0; round < settings.rounds(); round++) {
            if (round > 0) {
                Random[] random = new Random[points.length];
                for (int i = 0; i < random.length; i++) {
                    random[i] = new Random(seed + indices.get(i) + 31L * start + round);
                }
                reorder(model, search, victims, points, unit, random, evaluations);
            }
            minima = search.minimise(model.model(), victims, points, watch);
            for (int i = 0; i < points.length; i++) {
                points[i] = minima.get(i).point();
                evaluations[i] += minima.get(i).evaluations();
            }
        }
        return readOut(model, victims, minima, evaluations, unit);
    }

    /** Tokens of the embeddings found, and how far their own gradient is from the shared one. */
    private List<TextReconstruction> readOut(
            TextNetwork model, List<Victim> victims, List<Minimum> minima, int[] evaluations, double unit) {
        TokenReadOut readOut = new TokenReadOut(model);
        List<List<int[]>> sequences = new ArrayList<>();
        int count = victims.size();
        float[][] embedded = new float[count][];
        int[] all = new int[count];
        for (int i = 0; i < count; i++) {
            sequences.add(readOut.of(scaled(minima.get(i).point(), unit)));
            embedded[i] = model.embed(sequences.get(i));
            all[i] = i;
        }
        InversionSettings exact = settings.search().scaled(1).at(Distance.squared());
        double[] distances = new double[count];
        try (MatchingObjective objective = new GradientInversion(kernels, exact).objective(model.model(), victims)) {
            objective.evaluate(count, all, embedded, distances, new float[count][objective.variables()]);
        }
        int classes = model.model().network().classes();
        List<TextReconstruction> results = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            double relative = distances[i] / victims.get(i).squaredNorm();
            results.add(new TextReconstruction(
                    sequences.get(i),
                    InferredLabels.of(victims.get(i), classes),
                    relative,
                    relative <= CERTIFIED,
                    minima.get(i).ending(),
                    evaluations[i] + 1,
                    minima.get(i).curve()));
        }
        return results;
    }

    /** LAMP's discrete step: each batch takes the best of its present order and some random reorderings of it. */
    private void reorder(
            TextNetwork model,
            GradientInversion search,
            List<Victim> victims,
            float[][] points,
            double unit,
            Random[] random,
            int[] evaluations) {
        int count = points.length;
        int length = model.sequenceLength();
        int d = model.hiddenSize();
        TokenReadOut readOut = new TokenReadOut(model);
        float[][] best = points.clone();
        double[] least = new double[count];
        int[] all = new int[count];
        for (int i = 0; i < count; i++) {
            all[i] = i;
        }
        try (MatchingObjective objective = search.objective(model.model(), victims)) {
            float[][] gradients = new float[count][objective.variables()];
            double[] losses = new double[count];
            float[][] tried = points.clone();
            for (int candidate = 0; candidate <= settings.candidates(); candidate++) {
                for (int i = 0; i < count && candidate > 0; i++) {
                    int sequence = random[i].nextInt(victims.get(i).batchSize());
                    tried[i] = moved(points[i], sequence * length, Reordering.random(random[i], length), d);
                }
                objective.evaluate(count, all, tried, losses, gradients);
                for (int i = 0; i < count; i++) {
                    double cost = losses[i] + settings.priorWeight() * surprise(readOut.of(scaled(tried[i], unit)));
                    evaluations[i]++;
                    if (candidate == 0 || cost < least[i]) {
                        least[i] = cost;
                        best[i] = tried[i];
                    }
                }
            }
        }
        System.arraycopy(best, 0, points, 0, count);
    }

    private double surprise(List<int[]> sequences) {
        return sequences.stream().mapToDouble(prior::surprise).average().orElse(0);
    }

    private static float[] moved(float[] point, int firstRow, int[] order, int d) {
        float[] result = point.clone();
        for (int i = 0; i < order.length; i++) {
            System.arraycopy(point, (firstRow + order[i]) * d, result, (firstRow + i) * d, d);
        }
        return result;
    }

    private static float[] scaled(float[] point, double unit) {
        float[] result = new float[point.length];
        for (int i = 0; i < point.length; i++) {
            result[i] = (float) unit * point[i];
        }
        return result;
    }

    private static double deviation(float[] values) {
        double square = 0;
        for (float value : values) {
            square += (double) value * value / values.length;
        }
        return Math.sqrt(square);
    }
}
