package leakmark.attacks.defences;

import java.util.SortedMap;
import java.util.random.RandomGenerator;
import leakmark.attacks.AttackException;
import leakmark.attacks.model.Tensor;

/**
 * Rounding to 16 bits, to the nearest, ties to even.
 *
 * @param format which 16 bits
 */
record HalfPrecision(Format format) implements Defence {
    /** IEEE binary16 (11 significant bits, least 2⁻²⁴) and bfloat16 (8 significant bits, float32's range). */
    enum Format {
        FP16(13),
        BF16(16);

        private final int dropped;

        Format(int dropped) {
            this.dropped = dropped;
        }
    }

    private static final float LARGEST_FP16 = 65504;
    private static final float LEAST_NORMAL_FP16 = 0x1p-14f;
    private static final float LEAST_FP16 = 0x1p-24f;

    @Override
    public String label() {
        return format == Format.FP16 ? "fp16" : "bf16";
    }

    @Override
    public SortedMap<String, Tensor> apply(SortedMap<String, Tensor> gradient, RandomGenerator random) {
        return Entries.mapped(gradient, values -> {
            float[] result = new float[values.length];
            for (int i = 0; i < values.length; i++) {
                result[i] = rounded(values[i]);
            }
            return result;
        });
    }

    private float rounded(float value) {
        if (format == Format.FP16 && Math.abs(value) < LEAST_NORMAL_FP16) {
            return (float) (Math.rint(value / (double) LEAST_FP16) * LEAST_FP16);
        }
        int bits = Float.floatToRawIntBits(value);
        int half = (1 << (format.dropped - 1)) - 1 + ((bits >>> format.dropped) & 1);
        float result = Float.intBitsToFloat((bits + half) & (-1 << format.dropped));
        if (format == Format.FP16 ? Math.abs(result) > LARGEST_FP16 : Float.isInfinite(result)) {
            throw new AttackException("a gradient of " + value + " does not fit into " + label()
                    + "; scale the loss down, or send another format");
        }
        return result;
    }

    @Override
    public WireFormat wire(WireFormat before) {
        return new WireFormat(before.entries(), before.sent(), Short.SIZE, before.indexed());
    }

    @Override
    public Trace trace() {
        return Trace.NOISE;
    }
}
