package leakmark.attacks.dlg;

import leakmark.attacks.optim.Adam;
import leakmark.attacks.optim.Lbfgs;
import leakmark.attacks.optim.Optimiser;
import leakmark.kernels.matching.Distance;

/**
 * One of the published image attacks.
 *
 * @param label its name
 * @param distance between gradients
 * @param inferLabels true to read labels off the last layer (iDLG), false to optimise them with the images
 * @param totalVariation weight of the mean difference of neighbouring pixels
 * @param optimiser how the dummy batch is changed
 * @param iterations most accepted steps of one start
 * @param restarts most starts; the one with the least distance is the result
 * @param tolerance an attack has converged at this distance, relative to the one of a zero gradient: ‖g‖², or 1 for
 *     cosine
 * @param inputScale standard deviation of the start, and the unit in which inputs are optimised: 1 for images
 */
public record InversionSettings(
        String label,
        Distance distance,
        boolean inferLabels,
        double totalVariation,
        Optimiser optimiser,
        int iterations,
        int restarts,
        double tolerance,
        double inputScale) {
    /** The published code's 300 outer iterations of 20. */
    public static final int PUBLISHED_ITERATIONS = 300 * 20;

    /**
     * Where float32 ends: on LeNet the relative distance stalls between 0.8e-8 and 1.7e-8, and images are below a mean
     * squared error of 1e-3 from 1e-7 on, most of them earlier.
     */
    private static final double TOLERANCE = 2e-8;

    /** DLG (Zhu, Liu, Han 2019), with strong Wolfe in place of the published step rule. */
    public static InversionSettings dlg() {
        return new InversionSettings(
                "dlg", Distance.squared(), false, 0, Lbfgs.strongWolfe(), PUBLISHED_ITERATIONS, 1, TOLERANCE, 1);
    }

    /** iDLG (Zhao, Mopuri, Bilen 2020): DLG with labels read off the gradient. */
    public static InversionSettings idlg() {
        return new InversionSettings(
                "idlg", Distance.squared(), true, 0, Lbfgs.strongWolfe(), PUBLISHED_ITERATIONS, 1, TOLERANCE, 1);
    }

    /**
     * Inverting gradients (Geiping et al. 2020): cosine distance, total variation, Adam on the gradient's signs with
     * rate 0.1, pixels kept in [0, 1], the rate falling twice.
     */
    public static InversionSettings geiping() {
        int iterations = 2400;
        return new InversionSettings(
                "geiping",
                Distance.cosine(),
                true,
                1e-4,
                Adam.of(0.1).decaying(iterations / 3).signedWithin(0, 1),
                iterations,
                1,
                0,
                1);
    }

    /** With another optimiser. */
    public InversionSettings with(Optimiser other) {
        return new InversionSettings(
                label, distance, inferLabels, totalVariation, other, iterations, restarts, tolerance, inputScale);
    }

    /** With other limits. */
    public InversionSettings within(int mostIterations, int mostStarts) {
        return new InversionSettings(
                label,
                distance,
                inferLabels,
                totalVariation,
                optimiser,
                mostIterations,
                mostStarts,
                tolerance,
                inputScale);
    }

    /** With another distance. */
    public InversionSettings at(Distance other) {
        return new InversionSettings(
                label, other, inferLabels, totalVariation, optimiser, iterations, restarts, tolerance, inputScale);
    }

    /** With another unit of the inputs. */
    public InversionSettings scaled(double scale) {
        return new InversionSettings(
                label, distance, inferLabels, totalVariation, optimiser, iterations, restarts, tolerance, scale);
    }

    /** With another tolerance. */
    public InversionSettings to(double relativeDistance) {
        return new InversionSettings(
                label,
                distance,
                inferLabels,
                totalVariation,
                optimiser,
                iterations,
                restarts,
                relativeDistance,
                inputScale);
    }
}
