package leakmark.attacks.dlg;

import leakmark.attacks.optim.Adam;
import leakmark.attacks.optim.Lbfgs;
import leakmark.kernels.matching.Distance;

/**
 * One of the published text attacks.
 *
 * @param label its name
 * @param search distance, optimiser and iterations of one round, in units of the embeddings' standard deviation
 * @param rounds rounds of search with discrete steps between them
 * @param candidates reorderings tried in a discrete step
 * @param priorWeight weight of the language prior, nats a token, against the distance relative to a zero gradient's
 */
public record TextSettings(String label, InversionSettings search, int rounds, int candidates, double priorWeight) {
    /** DLG on embeddings (Zhu, Liu, Han 2019) with strong Wolfe; up to four starts. */
    public static TextSettings dlg() {
        return new TextSettings(
                "dlg",
                new InversionSettings("dlg", Distance.squared(), true, 0, Lbfgs.strongWolfe(), 2000, 4, 1e-9, 1),
                1,
                0,
                0);
    }

    /** TAG (Deng et al. 2021): squares and magnitudes of the gradient's differences, Adam. */
    public static TextSettings tag() {
        int iterations = 1500;
        return new TextSettings(
                "tag",
                new InversionSettings(
                        "tag",
                        Distance.squaredAndAbsolute(0.01),
                        true,
                        0,
                        Adam.of(0.1).decaying(iterations / 3),
                        iterations,
                        1,
                        0,
                        1),
                1,
                0,
                0);
    }

    /** LAMP (Balunović et al. 2022): cosine distance, Adam, and reorderings chosen with a language prior in between. */
    public static TextSettings lamp() {
        int iterations = 300;
        return new TextSettings(
                "lamp",
                new InversionSettings(
                        "lamp", Distance.cosine(), true, 0, Adam.of(0.1).decaying(iterations / 2), iterations, 1, 0, 1),
                5,
                50,
                0.1);
    }

    /** With another search. */
    public TextSettings with(InversionSettings other) {
        return new TextSettings(label, other, rounds, candidates, priorWeight);
    }
}
