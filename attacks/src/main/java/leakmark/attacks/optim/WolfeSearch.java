package leakmark.attacks.optim;

import org.jspecify.annotations.Nullable;

/** L-BFGS with a strong Wolfe line search. Where it finds no descent it forgets its pairs once, then gives up. */
final class WolfeSearch implements Search {
    /** Steps shorter than this in every variable change nothing that float32 shows at pixel size. */
    private static final double SHORTEST_STEP = 1e-9;

    private final float[] position;
    private final float[] gradient;
    private final float[] direction;
    private final float[] trial;
    private final float[] lowGradient;
    private final InverseHessian inverseHessian;
    private final StrongWolfe line = new StrongWolfe();
    private double loss;
    private boolean started;
    private int iterations;

    WolfeSearch(float[] start, int history) {
        position = start.clone();
        trial = start.clone();
        gradient = new float[start.length];
        direction = new float[start.length];
        lowGradient = new float[start.length];
        inverseHessian = new InverseHessian(start.length, history);
    }

    @Override
    public float[] point() {
        return trial;
    }

    @Override
    public int iterations() {
        return iterations;
    }

    @Override
    public @Nullable Ending tell(double value, float[] slopes) {
        if (!started) {
            started = true;
            loss = value;
            Vectors.copy(gradient, slopes);
            return newLine();
        }
        boolean over = line.tell(value, Vectors.dot(slopes, direction));
        if (line.lowIsTrial()) {
            Vectors.copy(lowGradient, slopes);
        }
        return over ? accept() : next();
    }

    @Override
    public @Nullable Ending tellNotFinite() {
        if (!started) {
            return Ending.NOT_FINITE;
        }
        if (!line.tell(Double.NaN, Double.NaN)) {
            return next();
        }
        return line.lowStep() > 0 ? accept() : Ending.NOT_FINITE;
    }

    private @Nullable Ending accept() {
        double step = line.lowStep();
        if (!(step > 0)) {
            if (inverseHessian.isEmpty()) {
                return Ending.STALLED;
            }
            inverseHessian.clear();
            return newLine();
        }
        iterations++;
        Vectors.step(position, position, step, direction);
        inverseHessian.add(step, direction, lowGradient, gradient, 0);
        Vectors.copy(gradient, lowGradient);
        loss = line.lowLoss();
        return newLine();
    }

    private @Nullable Ending newLine() {
        inverseHessian.descend(direction, gradient);
        double slope = Vectors.dot(gradient, direction);
        if (!(slope < 0) && !inverseHessian.isEmpty()) {
            inverseHessian.clear();
            Vectors.negate(direction, gradient);
            slope = Vectors.dot(gradient, direction);
        }
        double longest = Vectors.largest(direction);
        if (!(slope < 0) || !(longest < Float.MAX_VALUE)) {
            return Ending.STALLED;
        }
        double first = inverseHessian.isEmpty() ? Math.min(1, 1 / Vectors.sumOfMagnitudes(gradient)) : 1;
        line.start(loss, slope, first, SHORTEST_STEP / longest);
        return next();
    }

    private @Nullable Ending next() {
        Vectors.step(trial, position, line.trial(), direction);
        return null;
    }
}
