package leakmark.attacks.dlg;

import leakmark.attacks.optim.Ending;

/**
 * What an attack made of one gradient.
 *
 * @param inputs the dummy batch, one image or sentence of embeddings after the other
 * @param labels their labels
 * @param loss its distance from the shared gradient, and the priors
 * @param converged true if the distance fell to the tolerance
 * @param ending why the best start's search ended; {@link Ending#NOT_FINITE} says that the loss became NaN or infinite
 * @param starts starts used
 * @param iterations steps accepted, all starts together
 * @param evaluations gradients matched, all starts together
 * @param curve best loss of the best start, at its beginning and every 20 evaluations
 */
public record Inversion(
        float[] inputs,
        int[] labels,
        double loss,
        boolean converged,
        Ending ending,
        int starts,
        int iterations,
        int evaluations,
        double[] curve) {}
