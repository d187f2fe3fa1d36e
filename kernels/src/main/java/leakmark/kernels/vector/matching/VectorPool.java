package leakmark.kernels.vector.matching;

import static leakmark.kernels.vector.Species.FLOAT;
import static leakmark.kernels.vector.Species.LANES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import leakmark.kernels.matching.Shape.Image;

/** Windows that do not overlap: their mean, or their first largest value, whose place forward keeps. */
final class VectorPool extends VectorLayer {
    private final boolean largest;
    private final int taps;
    private final int width;
    /** Per output position, the place of each pixel of its window. */
    private final int[] sources;

    private final int outputs;
    private final float[] chosen;
    private final float[] y;
    private final float[] yDot;
    private final float[] dx;
    private final float[] dxDot;

    VectorPool(Image input, int size, int images, boolean largest) {
        this.largest = largest;
        Layout in = Layout.of(input, images);
        int height = input.height() / size;
        int columns = input.width() / size;
        taps = size * size;
        width = in.width();
        outputs = images * height * columns;
        sources = new int[outputs * taps];
        for (int o = 0; o < outputs; o++) {
            int image = o / (height * columns);
            int row = o / columns % height * size;
            int column = o % columns * size;
            for (int t = 0; t < taps; t++) {
                sources[o * taps + t] =
                        ((image * input.height() + row + t / size) * input.width() + column + t % size) * width;
            }
        }
        y = new float[outputs * width];
        yDot = new float[outputs * width];
        chosen = new float[largest ? outputs * width : 0];
        dx = new float[in.size()];
        dxDot = new float[in.size()];
    }

    @Override
    float[] forward(float[] x) {
        if (!largest) {
            return collect(x, y);
        }
        for (int o = 0; o < outputs; o++) {
            for (int lane = 0; lane < width; lane += LANES) {
                FloatVector best = FloatVector.fromArray(FLOAT, x, sources[o * taps] + lane);
                FloatVector place = FloatVector.zero(FLOAT);
                for (int t = 1; t < taps; t++) {
                    FloatVector v = FloatVector.fromArray(FLOAT, x, sources[o * taps + t] + lane);
                    VectorMask<Float> larger = v.compare(VectorOperators.GT, best);
                    best = best.blend(v, larger);
                    place = place.blend(FloatVector.broadcast(FLOAT, t), larger);
                }
                best.intoArray(y, o * width + lane);
                place.intoArray(chosen, o * width + lane);
            }
        }
        return y;
    }

    @Override
    float[] backward(float[] dy, float[] g) {
        return spread(dy, dx);
    }

    @Override
    float[] tangentForward(float[] xDot, float[] u) {
        return collect(xDot, yDot);
    }

    @Override
    float[] tangentBackward(float[] dyDot, float[] u) {
        return spread(dyDot, dxDot);
    }

    private float[] collect(float[] from, float[] to) {
        for (int o = 0; o < outputs; o++) {
            for (int lane = 0; lane < width; lane += LANES) {
                FloatVector sum = FloatVector.zero(FLOAT);
                for (int t = 0; t < taps; t++) {
                    FloatVector v = FloatVector.fromArray(FLOAT, from, sources[o * taps + t] + lane);
                    sum = largest ? sum.blend(v, at(o, lane, t)) : sum.add(v);
                }
                (largest ? sum : sum.mul(1f / taps)).intoArray(to, o * width + lane);
            }
        }
        return to;
    }

    private float[] spread(float[] from, float[] to) {
        Arrays.fill(to, 0);
        FloatVector zero = FloatVector.zero(FLOAT);
        for (int o = 0; o < outputs; o++) {
            for (int lane = 0; lane < width; lane += LANES) {
                FloatVector v = FloatVector.fromArray(FLOAT, from, o * width + lane);
                for (int t = 0; t < taps; t++) {
                    FloatVector part = largest ? zero.blend(v, at(o, lane, t)) : v.mul(1f / taps);
                    part.intoArray(to, sources[o * taps + t] + lane);
                }
            }
        }
        return to;
    }

    private VectorMask<Float> at(int output, int lane, int tap) {
        return FloatVector.fromArray(FLOAT, chosen, output * width + lane).compare(VectorOperators.EQ, tap);
    }
}
