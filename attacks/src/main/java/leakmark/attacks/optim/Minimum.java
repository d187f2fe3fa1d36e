package leakmark.attacks.optim;

/**
 * What a search found.
 *
 * @param point the best point seen
 * @param loss its loss; infinite if no point had one
 * @param iterations steps accepted
 * @param evaluations gradients taken
 * @param ending why the search ended
 * @param curve best loss so far at the start and after every 20 evaluations
 */
public record Minimum(float[] point, double loss, int iterations, int evaluations, Ending ending, double[] curve) {}
