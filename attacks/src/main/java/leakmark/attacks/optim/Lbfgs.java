package leakmark.attacks.optim;

/**
 * Limited-memory BFGS (Nocedal, 1980): the direction is −Hg, with H built from the last {@code history} steps.
 *
 * @param label its name
 * @param history pairs of step and gradient difference kept
 * @param lineSearch true for strong Wolfe; false for the published rule: the first step is min(1, 1/‖g‖₁), every other
 *     one 1, whatever the loss does
 * @param innerIterations iterations in one outer iteration of the published code, which checks its tolerances anew in each
 */
public record Lbfgs(String label, int history, boolean lineSearch, int innerIterations) implements Optimiser {
    /** Strong Wolfe with the published history: with 20 pairs LeNet takes twice the iterations. */
    public static Lbfgs strongWolfe() {
        return new Lbfgs("lbfgs", 100, true, 20);
    }

    /** DLG's published settings: learning rate 1, history 100, 20 inner iterations, no line search. */
    public static Lbfgs published() {
        return new Lbfgs("lbfgs-published", 100, false, 20);
    }

    /** The same with another history. */
    public Lbfgs withHistory(int pairs) {
        return new Lbfgs(label, pairs, lineSearch, innerIterations);
    }

    @Override
    public Search start(float[] start) {
        return lineSearch ? new WolfeSearch(start, history) : new PublishedSearch(start, history, innerIterations);
    }

    @Override
    public long bytes(int variables) {
        return (2L * history + 8) * Float.BYTES * variables;
    }
}
