package leakmark.attacks.dlg;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import leakmark.attacks.model.PublicNetwork;
import leakmark.attacks.optim.BatchMinimiser.Watch;
import leakmark.kernels.matching.GradientMatching;
import leakmark.kernels.matching.GradientMatching.Evaluator;

/**
 * Gradient matching for an attacker who knows that some entries were not sent: only those that were are matched.
 *
 * <p>The masked distance {@code Σ_{sent} (g'_j − g_j)²} is minimised by majorising it: entries that are missing are filled
 * with the dummy's own, the filled gradient is matched for a while, and so on. The filled distance touches the masked one
 * at the dummy and lies above it elsewhere, so each round lowers the masked one.
 */
public final class MaskAwareInversion {
    private static final float HARD = 400;

    private final GradientMatching kernels;
    private final InversionSettings settings;
    private final int rounds;

    /**
     * @param settings of the whole attack; its iterations are shared out over the rounds
     * @param rounds how often gaps are filled
     */
    public MaskAwareInversion(GradientMatching kernels, InversionSettings settings, int rounds) {
        this.kernels = kernels;
        this.settings = settings;
        this.rounds = rounds;
    }

    /** Inverts gradients with labels read off them; entries that are exactly zero are taken as not sent. */
    public List<Inversion> invert(PublicNetwork model, List<Victim> victims, long seed, Watch watch) {
        InversionSettings each = settings.within(Math.max(1, settings.iterations() / rounds), 1);
        GradientInversion inversion = new GradientInversion(kernels, each);
        int inputs = victims.get(0).batchSize() * model.network().input().size();
        float[][] points = new float[victims.size()][];
        int[] iterations = new int[victims.size()];
        int[] evaluations = new int[victims.size()];
        for (int v = 0; v < points.length; v++) {
            points[v] = Starts.of(seed + v, 0, inputs);
        }
        List<Inversion> result = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            List<Victim> filled = new ArrayList<>();
            for (int v = 0; v < points.length; v++) {
                filled.add(filled(model, victims.get(v), points[v]));
            }
            var minima = inversion.minimise(model, filled, points, watch);
            result.clear();
            for (int v = 0; v < points.length; v++) {
                var minimum = minima.get(v);
                points[v] = Arrays.copyOf(minimum.point(), inputs);
                iterations[v] += minimum.iterations();
                evaluations[v] += minimum.evaluations();
                result.add(new Inversion(
                        points[v].clone(),
                        InferredLabels.of(victims.get(v), model.network().classes()),
                        minimum.loss(),
                        false,
                        minimum.ending(),
                        1,
                        iterations[v],
                        evaluations[v],
                        minimum.curve()));
            }
        }
        return result;
    }

    private Victim filled(PublicNetwork model, Victim victim, float[] point) {
        int classes = model.network().classes();
        int[] labels = InferredLabels.of(victim, classes);
        float[] logits = new float[labels.length * classes];
        for (int i = 0; i < labels.length; i++) {
            logits[i * classes + labels[i]] = HARD;
        }
        float[] own = new float[model.network().parameterCount()];
        try (Evaluator evaluator =
                kernels.open(model.network(), model.parameters(), 1, labels.length, settings.distance())) {
            evaluator.gradient(point, logits, own);
        }
        float[] gradient = victim.gradient().clone();
        for (int j = 0; j < gradient.length; j++) {
            gradient[j] = gradient[j] == 0 ? own[j] : gradient[j];
        }
        return new Victim(gradient, victim.batchSize());
    }
}
