package leakmark.attacks.dlg;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import leakmark.attacks.model.PublicNetwork;
import leakmark.attacks.optim.BatchMinimiser;
import leakmark.attacks.optim.BatchMinimiser.Watch;
import leakmark.attacks.optim.Ending;
import leakmark.attacks.optim.Lbfgs;
import leakmark.attacks.optim.Minimum;
import leakmark.kernels.matching.GradientMatching;
import leakmark.kernels.matching.ResidentInversion;
import leakmark.kernels.matching.ResidentInversion.Attacks;
import leakmark.kernels.matching.ResidentInversion.Rule;

/**
 * Searches that run on the device as a whole: L-BFGS with a strong Wolfe line search, without a prior. The host looks at
 * them every {@link BatchMinimiser#CURVE_STEP} evaluations.
 */
final class ResidentMinimiser {
    private final ResidentInversion device;
    private final InversionSettings settings;
    private final Rule rule;

    private ResidentMinimiser(ResidentInversion device, InversionSettings settings, Lbfgs lbfgs) {
        this.device = device;
        this.settings = settings;
        this.rule = new Rule(lbfgs.history(), settings.iterations(), settings.inputScale(), settings.inferLabels());
    }

    /** One for such an attack, where the kernels have it and it has this rule. */
    static Optional<ResidentMinimiser> of(GradientMatching kernels, InversionSettings settings) {
        if (settings.totalVariation() == 0
                && settings.optimiser() instanceof Lbfgs lbfgs
                && lbfgs.lineSearch()
                && lbfgs.history() <= Rule.MOST_HISTORY) {
            return kernels.residentInversion().map(device -> new ResidentMinimiser(device, settings, lbfgs));
        }
        return Optional.empty();
    }

    /** How many attacks the device holds. */
    int attacksThatFit(PublicNetwork model, int batchSize) {
        return device.attacksThatFit(model.network(), batchSize, rule);
    }

    /**
     * Minimises.
     *
     * @param starts a start for each victim
     * @param wanted a search ends when its loss is at most this, one for each victim
     * @return a minimum for each victim
     */
    List<Minimum> minimise(PublicNetwork model, List<Victim> victims, float[][] starts, double[] wanted, Watch watch) {
        int batchSize = victims.get(0).batchSize();
        int classes = model.network().classes();
        List<Curve> curves = new ArrayList<>();
        try (Attacks attacks = device.open(
                model.network(), model.parameters(), victims.size(), batchSize, settings.distance(), rule)) {
            for (int a = 0; a < starts.length; a++) {
                float[] labels = settings.inferLabels()
                        ? MatchingObjective.hardLabels(InferredLabels.of(victims.get(a), classes), classes)
                        : new float[0];
                attacks.start(a, victims.get(a).gradient(), starts[a], labels, wanted[a]);
                curves.add(new Curve());
            }
            int running = starts.length;
            // The first entry of a curve is the start itself.
            int evaluations = 1;
            while (running > 0) {
                watch.running(running);
                if (watch.cancelled()) {
                    break;
                }
                running = attacks.advance(evaluations);
                evaluations = BatchMinimiser.CURVE_STEP;
                for (int a = 0; a < starts.length; a++) {
                    curves.get(a).note(attacks.evaluations(a), attacks.distance(a));
                }
            }
            List<Minimum> minima = new ArrayList<>();
            for (int a = 0; a < starts.length; a++) {
                float[] point = starts[a].clone();
                if (attacks.evaluations(a) > 0) {
                    attacks.best(a, point);
                }
                minima.add(new Minimum(
                        point,
                        attacks.distance(a),
                        attacks.iterations(a),
                        attacks.evaluations(a),
                        ending(attacks.status(a)),
                        curves.get(a).values(attacks.distance(a))));
            }
            return minima;
        }
    }

    private static Ending ending(ResidentInversion.Status status) {
        return switch (status) {
            case RUNNING -> Ending.CANCELLED;
            case CONVERGED -> Ending.CONVERGED;
            case STALLED -> Ending.STALLED;
            case EXHAUSTED -> Ending.EXHAUSTED;
            case NOT_FINITE -> Ending.NOT_FINITE;
        };
    }

    /** Best losses of one attack. */
    private static final class Curve {
        private double[] values = new double[16];
        private int length;

        /** Takes an entry if one is due: after evaluations 1, 21, 41 and so on. */
        void note(int evaluations, double loss) {
            if (evaluations % BatchMinimiser.CURVE_STEP == 1 && evaluations / BatchMinimiser.CURVE_STEP == length) {
                add(loss);
            }
        }

        private void add(double loss) {
            if (length == values.length) {
                values = Arrays.copyOf(values, 2 * length);
            }
            values[length++] = loss;
        }

        double[] values(double last) {
            add(last);
            return Arrays.copyOf(values, length);
        }
    }
}
