package leakmark.kernels;

/**
 * Which atoms of a dictionary carry a vector, when few do and the same ones do in several systems of equations.
 *
 * <p>E systems (attention heads) share m atoms: {@code D_e X_e ≈ Y_e} with D_e (q × m), Y_e (q × c). Wanted are X_e that are
 * zero in the same rows for all e. Iteratively reweighted least squares: with weights w_j
 *
 * <pre>  X_e = W D_eᵀ (D_e W D_eᵀ + λ tr/q · I)⁻¹ Y_e,   g_j = Σ_e ‖row j of X_e‖²,   w_j ← (g_j + ε max g)^((2−p)/2)</pre>
 *
 * with ε falling step by step; the fixed point minimises {@code Σ_j g_j^(p/2)}. Atoms whose weight falls under the floor
 * leave the dictionary. All in float64: weights span nine orders of magnitude.
 */
public interface SupportRecovery {
    /**
     * The dictionary.
     *
     * @param systems E
     * @param equations q, of each system
     * @param atoms m
     * @param values E × q × m, row-major
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Dictionary(int systems, int equations, int atoms, double[] values) {
        public Dictionary {
            if ((long) systems * equations * atoms != values.length) {
                throw new IllegalArgumentException(systems + " × " + equations + " × " + atoms + " needs "
                        + (long) systems * equations * atoms + " values, got " + values.length);
            }
        }
    }

    /**
     * One problem over the dictionary.
     *
     * @param columns c: vectors with the same support
     * @param values Y: E × c × q, row-major
     * @param weights m weights to start from, their largest 1
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Problem(int columns, double[] values, double[] weights) {}

    /**
     * The iteration.
     *
     * @param steps how many
     * @param exponent (2 − p)/2: 1/2 for p = 1, towards 1 for p → 0
     * @param epsilon ε of the first step
     * @param decay factor of ε from step to step
     * @param leastEpsilon ε never falls below
     * @param ridge λ
     */
    record Schedule(int steps, double exponent, double epsilon, double decay, double leastEpsilon, double ridge) {}

    /**
     * Solves problems, each on its own.
     *
     * @return for each problem the m group norms {@code √g_j}, relative to the largest
     */
    double[][] groupNorms(Dictionary dictionary, Problem[] problems, Schedule schedule);

    /**
     * Declared work of one problem: a step forms E symmetric q × q matrices, factors and solves. An upper bound: atoms leave
     * on the way.
     */
    static Cost cost(int systems, int equations, int atoms, int columns, int steps) {
        double q = equations;
        double step = q * q * atoms + q * q * q / 3 + 2 * columns * (q * q + q * atoms);
        return new Cost(steps * systems * step, 8.0 * steps * systems * q * atoms);
    }
}
