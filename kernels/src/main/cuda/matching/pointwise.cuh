// Activations, means, maxima, sums: layers whose entries depend on few others.
#pragma once

#include "matching/program.cuh"

enum ActivationKind : int { SIGMOID = 0, TANH = 1, RELU = 2, GELU = 3, GELU_TANH = 4 };

struct Derivatives {
    float value, first, second;
};

template <typename Real>
__device__ __noinline__ Derivatives derivatives(int function, Real x) {
    constexpr float CUBIC = 0.044715f;
    constexpr float ROOT_2_PI = 0.7978845608f;      // sqrt(2 / pi)
    constexpr float ROOT_HALF = 0.7071067812f;      // 1 / sqrt(2)
    constexpr float INVERSE_ROOT = 0.3989422804f;   // 1 / sqrt(2 pi)
    switch (function) {
        case SIGMOID: {
            const float y = 1.f / (1.f + expf(-x));
            const float slope = y * (1.f - y);
            return {y, slope, slope * (1.f - 2.f * y)};
        }
        case TANH: {
            const float y = tanhf(x);
            const float slope = 1.f - y * y;
            return {y, slope, -2.f * y * slope};
        }
        case RELU:
            // NaN stays NaN.
            return {x < 0.f ? 0.f : x, x > 0.f ? 1.f : 0.f, 0.f};
        case GELU: {
            const float density = INVERSE_ROOT * expf(-0.5f * x * x);
            const float mass = 0.5f * erfcf(-x * ROOT_HALF);
            return {x * mass, fmaf(x, density, mass), density * (2.f - x * x)};
        }
        default: {
            const float t = tanhf(ROOT_2_PI * fmaf(CUBIC * x * x, x, x));
            const float inner = ROOT_2_PI * fmaf(3.f * CUBIC * x, x, 1.f);
            const float slope = (1.f - t * t) * inner;
            const float curvature = (1.f - t * t) * 6.f * ROOT_2_PI * CUBIC * x - 2.f * t * slope * inner;
            return {0.5f * x * (1.f + t), 0.5f * (1.f + t + x * slope), slope + 0.5f * x * curvature};
        }
    }
}

// n: values, function.
struct ActivationLayer {
    int count, function;
    __device__ __forceinline__ ActivationLayer(const Step& s, const Slot&) : count(s.n[0]), function(s.n[1]) {}
};

__device__ __forceinline__ void forward(const ActivationLayer& layer, const Step& s, const float*, const Slot& slot) {
    each(layer.count, [&](int i) { slot.y[s.y + i] = derivatives(layer.function, slot.y[s.x + i]).value; });
}

__device__ __forceinline__ void backward(const ActivationLayer& layer, const Step& s, const float*, const Slot& slot) {
    each(layer.count, [&](int i) {
        put(slot.dy + s.x, i, derivatives(layer.function, slot.y[s.x + i]).first * slot.dy[s.y + i], s.flags & ADD);
    });
}

__device__ __forceinline__ void tangentForward(const ActivationLayer& layer, const Step& s, const float*, const Slot& slot) {
    each(layer.count, [&](int i) {
        slot.yDot[s.y + i] = derivatives(layer.function, slot.y[s.x + i]).first * slot.yDot[s.x + i];
    });
}

__device__ __forceinline__ void tangentBackward(const ActivationLayer& layer, const Step& s, const float*, const Slot& slot) {
    each(layer.count, [&](int i) {
        const Derivatives f = derivatives(layer.function, slot.y[s.x + i]);
        const float sum = f.first * slot.dyDot[s.y + i] + f.second * slot.yDot[s.x + i] * slot.dy[s.y + i];
        put(slot.dyDot + s.x, i, sum, s.flags & ADD_TANGENT);
    });
}

// Layers y_o = factor sum of some x_i, every x_i in at most one y_o. `like` decides which are chosen: the plane of values.
template <typename L>
struct Selection {
    __device__ __forceinline__ const L& self() const { return static_cast<const L&>(*this); }
};

// n: maps of all images, height, width, output height, output width, side of a window.
struct PoolLayer : Selection<PoolLayer> {
    int maps, height, width, outHeight, outWidth, side;
    bool largest;

    __device__ __forceinline__ PoolLayer(const Step& s, const Slot&)
        : maps(s.n[0]), height(s.n[1]), width(s.n[2]), outHeight(s.n[3]), outWidth(s.n[4]), side(s.n[5]),
          largest(s.kind == MAX_POOL) {}

    __device__ __forceinline__ int inputs() const { return maps * height * width; }
    __device__ __forceinline__ int outputs() const { return maps * outHeight * outWidth; }

    __device__ __forceinline__ int corner(int output) const {
        const int map = output / (outWidth * outHeight);
        return (map * height + output / outWidth % outHeight * side) * width + output % outWidth * side;
    }

    // The first largest entry of a window.
    __device__ __forceinline__ int chosen(const float* like, int output) const {
        const int from = corner(output);
        int best = from;
#pragma unroll 1
        for (int k = 1; k < side * side; ++k) {
            const int at = from + k / side * width + k % side;
            best = like[at] > like[best] ? at : best;
        }
        return best;
    }

    __device__ __forceinline__ float apply(const float* like, const float* x, int output) const {
        if (largest) {
            return x[chosen(like, output)];
        }
        const int from = corner(output);
        float sum = 0.f;
#pragma unroll 1
        for (int k = 0; k < side * side; ++k) {
            sum += x[from + k / side * width + k % side];
        }
        return sum / (float)(side * side);
    }

    __device__ __forceinline__ float adjoint(const float* like, const float* dy, int input) const {
        const int row = input / width % height / side;
        const int column = input % width / side;
        if (row >= outHeight || column >= outWidth) {
            return 0.f;
        }
        const int output = (input / (width * height) * outHeight + row) * outWidth + column;
        if (largest) {
            return chosen(like, output) == input ? dy[output] : 0.f;
        }
        return dy[output] / (float)(side * side);
    }
};

// y[group, f] = mean over r of x[group, r, f]. n: groups, count of r, features.
struct MeanLayer : Selection<MeanLayer> {
    int groups, count, features;

    __device__ __forceinline__ MeanLayer(const Step& s, const Slot&) : groups(s.n[0]), count(s.n[1]), features(s.n[2]) {}

    __device__ __forceinline__ int inputs() const { return groups * count * features; }
    __device__ __forceinline__ int outputs() const { return groups * features; }

    __device__ __forceinline__ float apply(const float*, const float* x, int output) const {
        const float* from = x + output / features * count * features + output % features;
        float sum = 0.f;
#pragma unroll 1
        for (int r = 0; r < count; ++r) {
            sum += from[r * features];
        }
        return sum / (float)count;
    }

    __device__ __forceinline__ float adjoint(const float*, const float* dy, int input) const {
        return dy[input / (count * features) * features + input % features] / (float)count;
    }
};

// y[group, f] = x[group, last r, f]. n: groups, count of r, features.
struct LastRowLayer : Selection<LastRowLayer> {
    int groups, count, features;

    __device__ __forceinline__ LastRowLayer(const Step& s, const Slot&)
        : groups(s.n[0]), count(s.n[1]), features(s.n[2]) {}

    __device__ __forceinline__ int inputs() const { return groups * count * features; }
    __device__ __forceinline__ int outputs() const { return groups * features; }

    __device__ __forceinline__ float apply(const float*, const float* x, int output) const {
        return x[(output / features * count + count - 1) * features + output % features];
    }

    __device__ __forceinline__ float adjoint(const float*, const float* dy, int input) const {
        return input / features % count == count - 1
                   ? dy[input / (count * features) * features + input % features]
                   : 0.f;
    }
};

template <typename L>
__device__ __forceinline__ void selected(const L& layer, const Step& s, const Slot& slot, float* plane) {
    each(layer.outputs(), [&](int i) { plane[s.y + i] = layer.apply(slot.y + s.x, plane + s.x, i); });
}

template <typename L>
__device__ __forceinline__ void spread(const L& layer, const Step& s, const Slot& slot, float* plane, bool add) {
    each(layer.inputs(), [&](int i) { put(plane + s.x, i, layer.adjoint(slot.y + s.x, plane + s.y, i), add); });
}

// y = x + second, the two branches of a residual. n: values.
struct SumLayer : Selection<SumLayer> {
    int count;
    __device__ __forceinline__ SumLayer(const Step& s, const Slot&) : count(s.n[0]) {}
};

__device__ __forceinline__ void selected(const SumLayer& layer, const Step& s, const Slot&, float* plane) {
    each(layer.count, [&](int i) { plane[s.y + i] = plane[s.x + i] + plane[s.second + i]; });
}

// One thread has entry i of both inputs, which may be the same.
__device__ __forceinline__ void spread(const SumLayer& layer, const Step& s, const Slot& slot, float* plane, bool add) {
    const bool addSecond = (s.flags & (plane == slot.dy ? ADD_SECOND : ADD_SECOND_TANGENT)) != 0;
    each(layer.count, [&](int i) {
        const float slope = plane[s.y + i];
        put(plane + s.x, i, slope, add);
        put(plane + s.second, i, slope, addSecond);
    });
}

// The four passes of all these.
template <typename L>
__device__ __forceinline__ void forward(const Selection<L>& layer, const Step& s, const float*, const Slot& slot) {
    selected(layer.self(), s, slot, slot.y);
}

template <typename L>
__device__ __forceinline__ void backward(const Selection<L>& layer, const Step& s, const float*, const Slot& slot) {
    spread(layer.self(), s, slot, slot.dy, (s.flags & ADD) != 0);
}

template <typename L>
__device__ __forceinline__ void tangentForward(const Selection<L>& layer, const Step& s, const float*, const Slot& slot) {
    selected(layer.self(), s, slot, slot.yDot);
}

template <typename L>
__device__ __forceinline__ void tangentBackward(const Selection<L>& layer, const Step& s, const float*, const Slot& slot) {
    spread(layer.self(), s, slot, slot.dyDot, (s.flags & ADD_TANGENT) != 0);
}

// y = x + w, w repeated for each image. n: images, values of one.
struct PositionLayer {
    int images, size;
    __device__ __forceinline__ PositionLayer(const Step& s, const Slot&) : images(s.n[0]), size(s.n[1]) {}

    __device__ __forceinline__ void add(const Step& s, const float* w, float* plane) const {
        each(images * size, [&](int i) { plane[s.y + i] = plane[s.x + i] + w[s.w + i % size]; });
    }

    __device__ __forceinline__ void back(const Step& s, float* plane, bool more) const {
        each(images * size, [&](int i) { put(plane + s.x, i, plane[s.y + i], more); });
    }
};

__device__ __forceinline__ void forward(const PositionLayer& layer, const Step& s, const float* w, const Slot& slot) {
    layer.add(s, w, slot.y);
}

__device__ __forceinline__ void backward(const PositionLayer& layer, const Step& s, const float*, const Slot& slot) {
    layer.back(s, slot.dy, (s.flags & ADD) != 0);
    each(layer.size, [&](int k) {
        float sum = 0.f;
#pragma unroll 1
        for (int image = 0; image < layer.images; ++image) {
            sum += slot.dy[s.y + image * layer.size + k];
        }
        slot.u[s.w + k] = sum;
    });
}

__device__ __forceinline__ void tangentForward(const PositionLayer& layer, const Step& s, const float*, const Slot& slot) {
    layer.add(s, slot.u, slot.yDot);
}

__device__ __forceinline__ void tangentBackward(const PositionLayer& layer, const Step& s, const float*, const Slot& slot) {
    layer.back(s, slot.dyDot, (s.flags & ADD_TANGENT) != 0);
}
