package leakmark.attacks.optim;

import org.jspecify.annotations.Nullable;

/**
 * L-BFGS as DLG's published code has it: {@code torch.optim.LBFGS} with learning rate 1 and no line search. An outer
 * iteration holds up to {@code inner} iterations and ends early when the gradient is below 1e-7, the slope or the change
 * of the loss below 1e-9, or the step below 1e-9 in every variable; the next one goes on with the same pairs.
 */
final class PublishedSearch implements Search {
    private static final double LEAST_GRADIENT = 1e-7;
    private static final double LEAST_CHANGE = 1e-9;
    private static final double LEAST_CURVATURE = 1e-10;

    private final int inner;
    private final float[] position;
    private final float[] gradient;
    private final float[] before;
    private final float[] direction;
    private final InverseHessian inverseHessian;
    private double step;
    private double loss;
    private int iterations;
    private int innerDone;
    private boolean started;
    private boolean idle;

    PublishedSearch(float[] start, int history, int inner) {
        this.inner = inner;
        position = start.clone();
        gradient = new float[start.length];
        before = new float[start.length];
        direction = new float[start.length];
        inverseHessian = new InverseHessian(start.length, history);
    }

    @Override
    public float[] point() {
        return position;
    }

    @Override
    public int iterations() {
        return iterations;
    }

    @Override
    public @Nullable Ending tell(double value, float[] slopes) {
        Vectors.copy(gradient, slopes);
        if (Vectors.largest(gradient) <= LEAST_GRADIENT) {
            return Ending.STALLED;
        }
        if (started) {
            innerDone++;
            iterations++;
            boolean small = step * Vectors.largest(direction) <= LEAST_CHANGE || Math.abs(value - loss) < LEAST_CHANGE;
            if (small || innerDone >= inner) {
                // Two outer iterations that stop after one step each: nothing more happens in all the others.
                if (small && innerDone == 1 && idle) {
                    return Ending.STALLED;
                }
                idle = small && innerDone == 1;
                // An iteration left out still counts: the published limit counts outer ones.
                iterations += inner - innerDone;
                innerDone = 0;
            }
        }
        loss = value;
        return advance();
    }

    private @Nullable Ending advance() {
        if (started) {
            inverseHessian.add(step, direction, gradient, before, LEAST_CURVATURE);
        }
        inverseHessian.descend(direction, gradient);
        Vectors.copy(before, gradient);
        step = started ? 1 : Math.min(1, 1 / Vectors.sumOfMagnitudes(gradient));
        started = true;
        double slope = Vectors.dot(gradient, direction);
        if (!(slope <= -LEAST_CHANGE)) {
            return Ending.STALLED;
        }
        Vectors.step(position, position, step, direction);
        return null;
    }
}
