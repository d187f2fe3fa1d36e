package leakmark.attacks.optim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Runs one search for each attack and evaluates all running ones together. Each ends by itself, at its wanted loss, at the
 * limit of iterations or where its function has no finite value; the others go on. After the start nothing is allocated but
 * the curves' growth.
 */
public final class BatchMinimiser {
    /** Evaluations between two entries of a curve: the published code's outer iteration. */
    public static final int CURVE_STEP = 20;

    private final Optimiser optimiser;
    private final int mostIterations;

    /**
     * @param optimiser the rule
     * @param mostIterations a search ends after as many accepted steps
     */
    public BatchMinimiser(Optimiser optimiser, int mostIterations) {
        this.optimiser = optimiser;
        this.mostIterations = mostIterations;
    }

    /** Is asked between evaluations whether to end, and told how many searches still run. */
    public interface Watch {
        /** Takes the number of searches running. */
        void running(int count);

        /** True to end all. */
        default boolean cancelled() {
            return false;
        }

        /** Nobody watches. */
        static Watch none() {
            return count -> {};
        }

        /** Ends all when asked to. */
        static Watch until(BooleanSupplier cancelled) {
            return new Watch() {
                @Override
                public void running(int count) {
                    // Nobody counts.
                }

                @Override
                public boolean cancelled() {
                    return cancelled.getAsBoolean();
                }
            };
        }
    }

    /**
     * Minimises.
     *
     * @param starts a start for each attack
     * @param wanted a search ends when its loss is at most this, one for each attack
     * @return a minimum for each attack
     */
    public List<Minimum> minimise(Objective objective, float[][] starts, double[] wanted, Watch watch) {
        int attacks = starts.length;
        Running[] all = new Running[attacks];
        int[] active = new int[attacks];
        float[][] points = new float[attacks][];
        float[][] gradients = new float[attacks][objective.variables()];
        double[] losses = new double[attacks];
        for (int a = 0; a < attacks; a++) {
            all[a] = new Running(optimiser.start(starts[a]), starts[a], wanted[a], mostIterations);
            active[a] = a;
        }
        int count = attacks;
        while (count > 0) {
            watch.running(count);
            if (watch.cancelled()) {
                for (int i = 0; i < count; i++) {
                    all[active[i]].ending = Ending.CANCELLED;
                }
                break;
            }
            for (int i = 0; i < count; i++) {
                points[i] = all[active[i]].search.point();
            }
            objective.evaluate(count, active, points, losses, gradients);
            forEach(count, i -> all[active[i]].tell(losses[i], gradients[i]));
            int left = 0;
            for (int i = 0; i < count; i++) {
                if (all[active[i]].ending == null) {
                    active[left++] = active[i];
                }
            }
            count = left;
        }
        List<Minimum> minima = new ArrayList<>(attacks);
        for (Running running : all) {
            minima.add(running.result());
        }
        return minima;
    }

    private static void forEach(int count, java.util.function.IntConsumer body) {
        if (count == 1) {
            body.accept(0);
        } else {
            IntStream.range(0, count).parallel().forEach(body);
        }
    }

    /** A search and the best it has seen. */
    private static final class Running {
        private final Search search;
        private final float[] best;
        private final double wanted;
        private final int mostIterations;
        private double bestLoss = Double.POSITIVE_INFINITY;
        private int evaluations;
        private double[] curve = new double[16];
        private int curveLength;
        private @Nullable Ending ending;

        Running(Search search, float[] start, double wanted, int mostIterations) {
            this.search = search;
            this.best = start.clone();
            this.wanted = wanted;
            this.mostIterations = mostIterations;
        }

        void tell(double loss, float[] gradient) {
            evaluations++;
            boolean finite = Double.isFinite(loss) && Vectors.isFinite(gradient);
            if (finite && loss < bestLoss) {
                bestLoss = loss;
                Vectors.copy(best, search.point());
            }
            if (evaluations % CURVE_STEP == 1) {
                note();
            }
            ending = bestLoss <= wanted
                    ? Ending.CONVERGED
                    : finite ? search.tell(loss, gradient) : search.tellNotFinite();
            if (ending == null && search.iterations() >= mostIterations) {
                ending = Ending.EXHAUSTED;
            }
        }

        private void note() {
            if (curveLength == curve.length) {
                curve = Arrays.copyOf(curve, 2 * curveLength);
            }
            curve[curveLength++] = bestLoss;
        }

        Minimum result() {
            note();
            return new Minimum(
                    best,
                    bestLoss,
                    search.iterations(),
                    evaluations,
                    ending == null ? Ending.EXHAUSTED : ending,
                    Arrays.copyOf(curve, curveLength));
        }
    }
}
