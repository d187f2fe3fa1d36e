package leakmark.attacks.defences;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.stream.Collectors;
import leakmark.attacks.AttackException;
import leakmark.attacks.defences.Defence.Trace;
import org.jspecify.annotations.Nullable;

/** Every defence by name, with its parameter, and the strengths a study sweeps. */
public enum DefenceKind {
    GAUSSIAN(
            "gaussian",
            "standard deviation of the noise, relative to the gradient's norm",
            0,
            1,
            s -> new AdditiveNoise(AdditiveNoise.Kind.GAUSSIAN, s),
            1e-5,
            5e-5,
            1e-4,
            5e-4),
    LAPLACE(
            "laplace",
            "standard deviation of the noise, relative to the gradient's norm",
            0,
            1,
            s -> new AdditiveNoise(AdditiveNoise.Kind.LAPLACE, s),
            1e-5,
            1e-4,
            5e-4),
    FP16("fp16", p -> new HalfPrecision(HalfPrecision.Format.FP16)),
    BF16("bf16", p -> new HalfPrecision(HalfPrecision.Format.BF16)),
    INT8("int8", p -> new Int8(false)),
    INT8_STOCHASTIC("int8-stochastic", p -> new Int8(true)),
    PRUNE(
            "prune",
            "part of each parameter that is removed, smallest first",
            0,
            1,
            p -> new Sparsity(Sparsity.Kind.PRUNE, p),
            0.2,
            0.5,
            0.7,
            0.9),
    TOP_K(
            "top-k",
            "part of all entries that is sent, largest first",
            0,
            1,
            p -> new Sparsity(Sparsity.Kind.TOP_K, p),
            0.3,
            0.1),
    DGC(
            "dgc",
            "part of all entries that is sent after the warm-up; the rest is kept for later rounds",
            0,
            1,
            DeepGradientCompression::new,
            0.25,
            0.1),
    SIGN("sign", p -> new Signs()),
    MASK(
            "mask",
            "part of all entries that is sent, drawn at random",
            0,
            1,
            p -> new Sparsity(Sparsity.Kind.MASK, p),
            0.7,
            0.3),
    DP_SGD(
            "dp-sgd",
            "clipping norm C, then the noise multiplier z or eps=E: dp-sgd:1:1.1, dp-sgd:1:eps=8",
            0,
            1e6,
            null);

    private final String label;
    private final @Nullable String parameter;
    private final double low;
    private final double high;
    // Set once and never handed out.
    @SuppressWarnings("ImmutableEnumChecker")
    private final @Nullable DoubleFunction<Defence> make;

    @SuppressWarnings("ImmutableEnumChecker")
    private final double[] strengths;

    DefenceKind(String label, DoubleFunction<Defence> make) {
        this(label, null, 0, 0, make, Double.NaN);
    }

    DefenceKind(
            String label,
            @Nullable String parameter,
            double low,
            double high,
            @Nullable DoubleFunction<Defence> make,
            double... strengths) {
        this.label = label;
        this.parameter = parameter;
        this.low = low;
        this.high = high;
        this.make = make;
        this.strengths = strengths;
    }

    /** Name in a specification. */
    public String label() {
        return label;
    }

    /** What its parameter means; null if it has none. */
    public @Nullable String parameter() {
        return parameter;
    }

    /** Specifications of this kind that a study sweeps, weakest first. */
    public List<String> sweep() {
        if (this == DP_SGD) {
            return List.of("dp-sgd:1:1.0E-5", "dp-sgd:1:1.0E-4", "dp-sgd:1:0.001", "dp-sgd:1:1.0");
        }
        return Arrays.stream(strengths)
                .mapToObj(s -> parameter == null ? label : label + ":" + s)
                .toList();
    }

    /**
     * The kind of that name.
     *
     * @throws AttackException if there is none
     */
    static DefenceKind of(String label) {
        return Arrays.stream(values())
                .filter(kind -> kind.label.equals(label))
                .findFirst()
                .orElseThrow(() -> new AttackException("no defence is called '" + label + "'; there are "
                        + Arrays.stream(values()).map(DefenceKind::label).collect(Collectors.joining(", "))));
    }

    /** Makes one from what stands behind its name. */
    Defence make(List<String> parameters) {
        if (make == null) {
            throw new IllegalStateException(label + " needs examples");
        }
        if (parameter == null) {
            if (!parameters.isEmpty()) {
                throw new AttackException(
                        "defence " + label + " takes no parameter; leave out " + String.join(":", parameters));
            }
            return make.apply(Double.NaN);
        }
        if (parameters.size() != 1) {
            throw new AttackException(
                    "defence " + label + " takes one parameter, " + parameter + ": " + label + ":" + strengths[0]);
        }
        double value = number(label, parameters.get(0));
        // A defence that sends nothing or everything, or adds no noise, is none.
        if (!(value > low && value < high)) {
            throw new AttackException("defence " + label + ": " + parameter + " is above " + low + " and below " + high
                    + ", not " + value);
        }
        return make.apply(value);
    }

    static double number(String label, String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new AttackException("defence " + label + ": '" + text + "' is no number", e);
        }
    }

    /** What it leaves behind. */
    static Trace traceOf(List<Defence> chain) {
        if (chain.stream().anyMatch(defence -> defence.trace() == Trace.SIGNS)) {
            return Trace.SIGNS;
        }
        return chain.stream().anyMatch(defence -> defence.trace() == Trace.SPARSE) ? Trace.SPARSE : Trace.NOISE;
    }
}
