package leakmark.attacks.dlg;

import java.util.List;
import leakmark.attacks.optim.Ending;

/**
 * What an attack read out of one gradient.
 *
 * @param sequences tokens, one sequence for each of the batch
 * @param labels their labels
 * @param distance {@code ‖g' − g‖² / ‖g‖²} of the tokens' own gradient
 * @param certified true if that is explained by float32: the tokens are the batch, up to what gives the same gradient
 * @param ending why the last search ended
 * @param evaluations gradients matched
 * @param curve best loss of the last search
 */
public record TextReconstruction(
        List<int[]> sequences,
        int[] labels,
        double distance,
        boolean certified,
        Ending ending,
        int evaluations,
        double[] curve) {}
