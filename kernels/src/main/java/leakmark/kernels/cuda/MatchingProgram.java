package leakmark.kernels.cuda;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import leakmark.kernels.matching.Layer;
import leakmark.kernels.matching.Layer.AveragePool;
import leakmark.kernels.matching.Layer.Convolution;
import leakmark.kernels.matching.Layer.LayerNorm;
import leakmark.kernels.matching.Layer.Linear;
import leakmark.kernels.matching.Layer.MaxPool;
import leakmark.kernels.matching.Layer.SelfAttention;
import leakmark.kernels.matching.Network;
import leakmark.kernels.matching.Shape;
import leakmark.kernels.matching.Shape.Image;
import leakmark.kernels.matching.Shape.Rows;

/**
 * A network and a number of images as the steps of {@code matching/program.cuh}: 8 ints, then 16 a step. Values flow through
 * buffers, one after the other in a plane, each with all images of an attack.
 */
final class MatchingProgram {
    private static final int HEADER = 8;
    private static final int PARAMETERS = 4;
    private static final int STEP = 16;
    private static final int FLAGS = 4;
    private static final int SECOND = 5;
    private static final int SIZES = 6;
    /** Numbers that a row of a norm keeps. */
    private static final int NORM_ROW = 6;
    /** Matrices that attention keeps a head. */
    private static final int ATTENTION_SQUARES = 5;
    /** Slots begin on lines of memory. */
    private static final int LINE = 32;

    private static final int BACKWARD = 1;
    private static final int INPUT_LIVE = 2;
    private static final int ADD = 4;
    private static final int ADD_TANGENT = 8;
    private static final int ADD_SECOND = 16;
    private static final int ADD_SECOND_TANGENT = 32;

    /** Numbers of {@code enum StepKind}. */
    private enum Kind {
        CONVOLUTION(0),
        LINEAR_0(1),
        ACTIVATION(2),
        AVERAGE_POOL(3),
        MAX_POOL(4),
        MEAN(5),
        LAST_ROW(6),
        LAYER_NORM(7),
        SELF_ATTENTION(8),
        POSITION_EMBEDDING(9),
        SUM(10),
        LINEAR_1(11);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        boolean isBilinear() {
            return this == CONVOLUTION || this == LINEAR_0 || this == LINEAR_1;
        }

        /** Linear without parameters. */
        boolean selects() {
            return this == AVERAGE_POOL || this == MAX_POOL || this == MEAN || this == LAST_ROW || this == SUM;
        }
    }

    private final int images;
    private final Kind linear;
    private final List<int[]> steps = new ArrayList<>();
    private final List<Kind> kinds = new ArrayList<>();
    /** Offsets of buffers that move with the parameters. */
    private final Set<Integer> live = new HashSet<>();

    private final int[] code;
    private final long slot;
    private int plane;
    private int auxiliary;
    private int widest;

    /**
     * Translates.
     *
     * @param rung 0 for naive linear layers, 1 for a warp an entry
     * @throws IllegalArgumentException if offsets do not fit 32 bits
     */
    MatchingProgram(Network network, int images, int rung) {
        this.images = images;
        this.linear = rung == 0 ? Kind.LINEAR_0 : Kind.LINEAR_1;
        try {
            int classes = network.classes();
            auxiliary = Math.multiplyExact(2 * images, classes);
            int input = buffer(network.input());
            int logits = sequence(network.layers(), network.input(), input, 0);
            markAdditions();
            int inputs = images * network.input().size();
            code = new int[HEADER + STEP * steps.size()];
            int[] header = {steps.size(), images, inputs, classes, network.parameterCount(), plane, logits, auxiliary};
            System.arraycopy(header, 0, code, 0, HEADER);
            for (int i = 0; i < steps.size(); i++) {
                System.arraycopy(steps.get(i), 0, code, HEADER + STEP * i, STEP);
            }
            long floats = 4L * plane + network.parameterCount() + auxiliary;
            slot = (floats + LINE - 1) / LINE * LINE;
        } catch (ArithmeticException overflow) {
            throw new IllegalArgumentException(
                    images + " images through this network need more than 2^31 values; take fewer images", overflow);
        }
    }

    /** For the device. */
    int[] code() {
        return code;
    }

    /** Parameters of the network. */
    int parameters() {
        return code[PARAMETERS];
    }

    /** Floats of the memory that one block works in. */
    long slotSize() {
        return slot;
    }

    /** Where in it the gradient of a batch is found, in floats. */
    long gradientOffset() {
        return 4L * plane;
    }

    /** Entries of the widest step. */
    int widest() {
        return widest;
    }

    private int buffer(Shape shape) {
        int at = plane;
        int size = Math.multiplyExact(images, shape.size());
        plane = Math.addExact(plane, size);
        widest = Math.max(widest, size);
        return at;
    }

    private int keep(int floats) {
        int at = auxiliary;
        auxiliary = Math.addExact(auxiliary, floats);
        return at;
    }

    /** Translates layers on a buffer; gives the buffer of their output. */
    private int sequence(List<Layer> layers, Shape input, int from, int parameters) {
        Shape shape = input;
        int x = from;
        int w = parameters;
        for (Layer layer : layers) {
            x = layer(layer, shape, x, w);
            w += layer.parameterCount();
            shape = layer.output(shape);
        }
        return x;
    }

    private int layer(Layer layer, Shape input, int x, int w) {
        if (layer instanceof Layer.Flatten) {
            return x;
        }
        if (layer instanceof Layer.Residual residual) {
            int body = sequence(residual.body(), input, x, w);
            int bodyParameters =
                    residual.body().stream().mapToInt(Layer::parameterCount).sum();
            int side = sequence(residual.shortcut(), input, x, w + bodyParameters);
            Shape output = layer.output(input);
            return step(Kind.SUM, body, output, 0, side, images * output.size());
        }
        Shape output = layer.output(input);
        if (layer instanceof Layer.Activation function) {
            return step(Kind.ACTIVATION, x, output, w, 0, images * input.size(), number(function));
        }
        if (layer instanceof Convolution convolution) {
            return convolution(convolution, (Image) input, (Image) output, x, w);
        }
        if (input instanceof Image image) {
            return onImage(layer, image, output, x, w);
        }
        return onRows(layer, (Rows) input, output, x, w);
    }

    /** Numbers of {@code enum ActivationKind}. */
    private static int number(Layer.Activation function) {
        return switch (function) {
            case SIGMOID -> 0;
            case TANH -> 1;
            case RELU -> 2;
            case GELU -> 3;
            case GELU_TANH -> 4;
        };
    }

    private int convolution(Convolution layer, Image input, Image output, int x, int w) {
        return step(
                Kind.CONVOLUTION,
                x,
                output,
                w,
                0,
                images,
                input.channels(),
                input.height(),
                input.width(),
                output.channels(),
                output.height(),
                output.width(),
                layer.kernel(),
                layer.stride(),
                layer.padding());
    }

    private int onImage(Layer layer, Image input, Shape output, int x, int w) {
        int maps = images * input.channels();
        if (layer instanceof Layer.GlobalAverage) {
            return step(Kind.MEAN, x, output, w, 0, maps, input.height() * input.width(), 1);
        }
        if (layer instanceof AveragePool pool) {
            return pool(Kind.AVERAGE_POOL, pool.size(), input, (Image) output, x);
        }
        if (layer instanceof MaxPool pool) {
            return pool(Kind.MAX_POOL, pool.size(), input, (Image) output, x);
        }
        throw new IllegalArgumentException("the device has no " + layer + " on " + input);
    }

    private int pool(Kind kind, int side, Image input, Image output, int x) {
        int maps = images * input.channels();
        return step(kind, x, output, 0, 0, maps, input.height(), input.width(), output.height(), output.width(), side);
    }

    private int onRows(Layer layer, Rows input, Shape output, int x, int w) {
        int count = input.count();
        int features = input.features();
        if (layer instanceof Linear) {
            return step(linear, x, output, w, 0, images * count, features, ((Rows) output).features());
        }
        if (layer instanceof Layer.GlobalAverage) {
            return step(Kind.MEAN, x, output, w, 0, images, count, features);
        }
        if (layer instanceof Layer.LastRow) {
            return step(Kind.LAST_ROW, x, output, w, 0, images, count, features);
        }
        if (layer instanceof Layer.PositionEmbedding) {
            return step(Kind.POSITION_EMBEDDING, x, output, w, 0, images, input.size());
        }
        if (layer instanceof LayerNorm norm) {
            int kept = keep(Math.multiplyExact(NORM_ROW * images, count));
            int epsilon = Float.floatToRawIntBits((float) norm.epsilon());
            return step(Kind.LAYER_NORM, x, output, w, kept, images * count, features, epsilon);
        }
        if (layer instanceof SelfAttention attention) {
            int d = features / 3;
            int kept = keep(Math.multiplyExact(ATTENTION_SQUARES * images * attention.heads(), count * count));
            float scale = (float) (1 / Math.sqrt((double) d / attention.heads()));
            int causal = attention.causal() ? 1 : 0;
            int bits = Float.floatToRawIntBits(scale);
            return step(Kind.SELF_ATTENTION, x, output, w, kept, images, count, d, attention.heads(), causal, bits);
        }
        throw new IllegalArgumentException("the device has no " + layer + " on " + input);
    }

    /**
     * Adds a step; gives the buffer of its output. Selections of what does not move do not move; the tangents of all else
     * are computed, and zero where they must be.
     */
    private int step(Kind kind, int x, Shape output, int w, int second, int... sizes) {
        int y = buffer(output);
        int[] step = new int[STEP];
        step[0] = kind.number;
        step[1] = x;
        step[2] = y;
        step[3] = w;
        step[SECOND] = second;
        System.arraycopy(sizes, 0, step, SIZES, sizes.length);
        boolean inputLive = live.contains(x) || (kind == Kind.SUM && live.contains(second));
        if (inputLive) {
            step[FLAGS] |= INPUT_LIVE;
        }
        if (inputLive || !kind.selects()) {
            step[FLAGS] |= BACKWARD;
            live.add(y);
        }
        steps.add(step);
        kinds.add(kind);
        return y;
    }

    /** On the way back the first step that writes a buffer's gradient sets it, the others add. */
    private void markAdditions() {
        Set<Integer> gradients = new HashSet<>();
        Set<Integer> tangents = new HashSet<>();
        for (int i = steps.size() - 1; i >= 0; i--) {
            int[] step = steps.get(i);
            Kind kind = kinds.get(i);
            boolean backward = (step[FLAGS] & BACKWARD) != 0;
            boolean writes = backward && (!kind.isBilinear() || (step[FLAGS] & INPUT_LIVE) != 0);
            mark(step, 1, writes, gradients, ADD);
            mark(step, 1, true, tangents, ADD_TANGENT);
            if (kind == Kind.SUM) {
                mark(step, SECOND, writes, gradients, ADD_SECOND);
                mark(step, SECOND, true, tangents, ADD_SECOND_TANGENT);
            }
        }
    }

    private static void mark(int[] step, int input, boolean writes, Set<Integer> written, int flag) {
        if (writes && !written.add(step[input])) {
            step[FLAGS] |= flag;
        }
    }
}
