package leakmark.kernels.matching;

/**
 * How far a dummy gradient g' is from the target g, over all parameters together.
 *
 * @param kind the formula
 * @param alpha weight α of the sum of magnitudes; 0 unless the kind has one
 */
public record Distance(Kind kind, double alpha) {
    /** Formulas. */
    public enum Kind {
        /** {@code ‖g' − g‖²}: DLG (Zhu, Liu, Han 2019). */
        SQUARED,
        /** {@code 1 − ⟨g', g⟩ / (‖g'‖ ‖g‖)}: Geiping et al. 2020. Not a number where a gradient is zero. */
        COSINE,
        /** {@code ‖g' − g‖² + α ‖g' − g‖₁}: TAG (Deng et al. 2021), one α for all layers. */
        SQUARED_AND_ABSOLUTE
    }

    public Distance {
        if (!(alpha >= 0 && alpha < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("a distance's α is finite and not negative, not " + alpha);
        }
        if (alpha != 0 && kind != Kind.SQUARED_AND_ABSOLUTE) {
            throw new IllegalArgumentException("the distance " + kind + " has no α");
        }
    }

    /** {@link Kind#SQUARED}. */
    public static Distance squared() {
        return new Distance(Kind.SQUARED, 0);
    }

    /** {@link Kind#COSINE}. */
    public static Distance cosine() {
        return new Distance(Kind.COSINE, 0);
    }

    /** {@link Kind#SQUARED_AND_ABSOLUTE}. */
    public static Distance squaredAndAbsolute(double alpha) {
        return new Distance(Kind.SQUARED_AND_ABSOLUTE, alpha);
    }
}
