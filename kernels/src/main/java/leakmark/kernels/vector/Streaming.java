package leakmark.kernels.vector;

import static leakmark.kernels.vector.Species.FLOAT;
import static leakmark.kernels.vector.Species.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Reading an array once, on all cores, with nothing to compute but a sum: the floor of every kernel that must read it. */
public final class Streaming {
    private static final int CHUNK = 1 << 16;

    private Streaming() {}

    /** Sum of all values, in no particular order. */
    public static float sum(float[] data) {
        float[] partial = new float[(data.length + CHUNK - 1) / CHUNK];
        Species.chunks(data.length, CHUNK, (chunk, from, to) -> partial[chunk] = sum(data, from, to));
        float total = 0;
        for (float value : partial) {
            total += value;
        }
        return total;
    }

    private static float sum(float[] data, int from, int to) {
        FloatVector a = FloatVector.zero(FLOAT);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int i = from;
        for (; i <= to - 4 * LANES; i += 4 * LANES) {
            a = a.add(FloatVector.fromArray(FLOAT, data, i));
            b = b.add(FloatVector.fromArray(FLOAT, data, i + LANES));
            c = c.add(FloatVector.fromArray(FLOAT, data, i + 2 * LANES));
            d = d.add(FloatVector.fromArray(FLOAT, data, i + 3 * LANES));
        }
        float total = a.add(b).add(c.add(d)).reduceLanes(VectorOperators.ADD);
        for (; i < to; i++) {
            total += data[i];
        }
        return total;
    }
}
