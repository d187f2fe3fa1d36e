// Layers that are linear in the input and in the parameters, y = A(w, x) + b:
//
//   forward          y  = A(w, x) + b          backward          dx  = A^T(w, dy), g = x (x) dy
//   tangent forward  y. = A(w, x.) + A(u, x) + u_b       tangent backward  dx. = A^T(w, dy.) + A^T(u, dy)
//
// A layer gives single entries of A, A^T and of the outer product.
#pragma once

#include "matching/program.cuh"

// n: images, channels C, height, width, output channels O, output height, output width, kernel K, stride, padding.
// w: O x C x K x K, then O biases.
struct ConvolutionLayer {
    static constexpr bool byWarps = false;
    int images, channels, height, width, outChannels, outHeight, outWidth, kernel, stride, padding;

    __device__ __forceinline__ ConvolutionLayer(const Step& s, const Slot&)
        : images(s.n[0]), channels(s.n[1]), height(s.n[2]), width(s.n[3]), outChannels(s.n[4]), outHeight(s.n[5]),
          outWidth(s.n[6]), kernel(s.n[7]), stride(s.n[8]), padding(s.n[9]) {}

    __device__ __forceinline__ int inputs() const { return images * channels * height * width; }
    __device__ __forceinline__ int outputs() const { return images * outChannels * outHeight * outWidth; }
    __device__ __forceinline__ int weights() const { return outChannels * channels * kernel * kernel; }
    __device__ __forceinline__ int biases() const { return outChannels; }
    __device__ __forceinline__ int biasOf(int output) const { return output / (outHeight * outWidth) % outChannels; }

    __device__ __forceinline__ float apply(const float* w, const float* x, int output, int = 0, int = 1) const {
        const int column = output % outWidth * stride - padding;
        const int row = output / outWidth % outHeight * stride - padding;
        const int o = biasOf(output);
        const int image = output / (outWidth * outHeight * outChannels);
        const int firstRow = max(0, -row), lastRow = min(kernel, height - row);
        const int firstColumn = max(0, -column), lastColumn = min(kernel, width - column);
        float sum = 0.f;
        for (int c = 0; c < channels; ++c) {
            for (int k = firstRow; k < lastRow; ++k) {
                const float* line = x + ((image * channels + c) * height + row + k) * width + column;
                const float* weight = w + ((o * channels + c) * kernel + k) * kernel;
                for (int q = firstColumn; q < lastColumn; ++q) {
                    sum = fmaf(weight[q], line[q], sum);
                }
            }
        }
        return sum;
    }

    // Output (r, q) meets input (row, column) at kernel entry (row + padding - r stride, column + padding - q stride).
    __device__ __forceinline__ float adjoint(const float* w, const float* dy, int input) const {
        const int column = input % width + padding;
        const int row = input / width % height + padding;
        const int c = input / (width * height) % channels;
        const int image = input / (width * height * channels);
        const int lastRow = min(outHeight - 1, row / stride), lastColumn = min(outWidth - 1, column / stride);
        const int firstRow = max(0, (row - kernel + stride) / stride);
        const int firstColumn = max(0, (column - kernel + stride) / stride);
        float sum = 0.f;
        for (int o = 0; o < outChannels; ++o) {
            for (int r = firstRow; r <= lastRow; ++r) {
                const float* line = dy + ((image * outChannels + o) * outHeight + r) * outWidth;
                const float* weight = w + ((o * channels + c) * kernel + row - r * stride) * kernel;
                for (int q = firstColumn; q <= lastColumn; ++q) {
                    sum = fmaf(weight[column - q * stride], line[q], sum);
                }
            }
        }
        return sum;
    }

    __device__ __forceinline__ float outer(const float* x, const float* dy, int weight) const {
        const int q = weight % kernel - padding;
        const int k = weight / kernel % kernel - padding;
        const int c = weight / (kernel * kernel) % channels;
        const int o = weight / (kernel * kernel * channels);
        const int firstRow = k < 0 ? (-k + stride - 1) / stride : 0;
        const int firstColumn = q < 0 ? (-q + stride - 1) / stride : 0;
        const int rows = height - k <= 0 ? 0 : min(outHeight, (height - k + stride - 1) / stride);
        const int columns = width - q <= 0 ? 0 : min(outWidth, (width - q + stride - 1) / stride);
        float sum = 0.f;
        for (int image = 0; image < images; ++image) {
            for (int r = firstRow; r < rows; ++r) {
                const float* line = x + ((image * channels + c) * height + r * stride + k) * width + q;
                const float* slope = dy + ((image * outChannels + o) * outHeight + r) * outWidth;
                float part = 0.f;
                for (int p = firstColumn; p < columns; ++p) {
                    part = fmaf(slope[p], line[p * stride], part);
                }
                sum += part;
            }
        }
        return sum;
    }

    __device__ __forceinline__ float biasSlope(const float* dy, int o) const {
        float sum = 0.f;
        for (int image = 0; image < images; ++image) {
            const float* map = dy + (image * outChannels + o) * outHeight * outWidth;
            float part = 0.f;
            for (int i = 0; i < outHeight * outWidth; ++i) {
                part += map[i];
            }
            sum += part;
        }
        return sum;
    }
};

// n: rows of all images, inputs I, outputs O. w: O x I, then O biases. From rung 1 on a warp an entry.
struct LinearLayer {
    int rows, in, out;
    bool byWarps;

    __device__ __forceinline__ LinearLayer(const Step& s, const Slot&) : rows(s.n[0]), in(s.n[1]), out(s.n[2]), byWarps(s.kind == LINEAR_1) {}

    __device__ __forceinline__ int inputs() const { return rows * in; }
    __device__ __forceinline__ int outputs() const { return rows * out; }
    __device__ __forceinline__ int weights() const { return out * in; }
    __device__ __forceinline__ int biases() const { return out; }
    __device__ __forceinline__ int biasOf(int output) const { return output % out; }

    // Every `step`th product from `first` on.
    __device__ __forceinline__ float apply(const float* w, const float* x, int output, int first, int step) const {
        const float* weight = w + (size_t)(output % out) * in;
        const float* row = x + (size_t)(output / out) * in;
        float sum = 0.f;
        for (int i = first; i < in; i += step) {
            sum = fmaf(weight[i], row[i], sum);
        }
        return sum;
    }

    __device__ __forceinline__ float adjoint(const float* w, const float* dy, int input) const {
        const float* row = dy + (size_t)(input / in) * out;
        float sum = 0.f;
        for (int o = 0; o < out; ++o) {
            sum = fmaf(row[o], w[(size_t)o * in + input % in], sum);
        }
        return sum;
    }

    __device__ __forceinline__ float outer(const float* x, const float* dy, int weight) const {
        float sum = 0.f;
        for (int r = 0; r < rows; ++r) {
            sum = fmaf(dy[(size_t)r * out + weight / in], x[(size_t)r * in + weight % in], sum);
        }
        return sum;
    }

    __device__ __forceinline__ float biasSlope(const float* dy, int o) const {
        float sum = 0.f;
        for (int r = 0; r < rows; ++r) {
            sum += dy[(size_t)r * out + o];
        }
        return sum;
    }
};

// y = b + A(w, x), and with more also A(v, z): a thread or a warp an entry.
template <typename L>
__device__ __forceinline__ void applied(const L& layer, const float* w, const float* x, const float* v, const float* z,
                                        bool more, float* y) {
    const float* bias = w + layer.weights();
    const int lanes = layer.byWarps ? 32 : 1;
    const int lane = threadIdx.x % lanes;
    const int step = blockDim.x / lanes;
#pragma unroll 1
    for (int i = threadIdx.x / lanes; i < layer.outputs(); i += step) {
        float sum = 0.f;
#pragma unroll 1
        for (int term = 0; term <= (more ? 1 : 0); ++term) {
            sum += layer.apply(term == 0 ? w : v, term == 0 ? x : z, i, lane, lanes);
        }
        if (layer.byWarps) {
            sum = warpSum(sum);
        }
        if (lane == 0) {
            y[i] = bias[layer.biasOf(i)] + sum;
        }
    }
}

// dx = A^T(w, dy), and with more also A^T(v, z).
template <typename L>
__device__ __forceinline__ void adjoined(const L& layer, const float* w, const float* dy, const float* v, const float* z,
                                         bool more, float* dx, bool add) {
    each(layer.inputs(), [&](int i) {
        float sum = 0.f;
#pragma unroll 1
        for (int term = 0; term <= (more ? 1 : 0); ++term) {
            sum += layer.adjoint(term == 0 ? w : v, term == 0 ? dy : z, i);
        }
        put(dx, i, sum, add);
    });
}

template <typename L>
__device__ __forceinline__ void outerProduct(const L& layer, const float* x, const float* dy, float* g) {
    const int weights = layer.weights();
    each(weights + layer.biases(),
         [&](int k) { g[k] = k < weights ? layer.outer(x, dy, k) : layer.biasSlope(dy, k - weights); });
}

template <typename L>
__device__ __forceinline__ void bilinear(int pass, const L& layer, const Step& s, const float* w, const Slot& slot) {
    const bool tangent = pass == TANGENT_FORWARD || pass == TANGENT_BACK;
    const bool live = (s.flags & INPUT_LIVE) != 0;
    const float* own = w + s.w;
    if (pass == FORWARD || pass == TANGENT_FORWARD) {
        applied(layer, tangent ? slot.u + s.w : own, slot.y + s.x, own, slot.yDot + s.x, tangent && live,
                (tangent ? slot.yDot : slot.y) + s.y);
        return;
    }
    if (tangent || live) {
        adjoined(layer, own, (tangent ? slot.dyDot : slot.dy) + s.y, slot.u + s.w, slot.dy + s.y, tangent,
                 (tangent ? slot.dyDot : slot.dy) + s.x, (s.flags & (tangent ? ADD_TANGENT : ADD)) != 0);
    }
    if (!tangent) {
        outerProduct(layer, slot.y + s.x, slot.dy + s.y, slot.u + s.w);
    }
}
