// Layers over rows of features: LayerNorm and self-attention.
#pragma once

#include "matching/program.cuh"

// y = gamma x^ + beta, x^ = (x - mean)/sigma, a warp a row. With P(v) = v - mean(v) - x^ mean(v x^):
//   dx = P(gamma dy)/sigma, x^. = P(x.)/sigma, and dx. by the product rule.
// n: rows of all images, features d, bits of epsilon. w: gamma, beta. Auxiliary: six numbers a row.
struct NormLayer {
    int rows, d;
    float epsilon;

    __device__ __forceinline__ NormLayer(const Step& s, const Slot&)
        : rows(s.n[0]), d(s.n[1]), epsilon(__int_as_float(s.n[2])) {}
};

struct NormRow {
    float mean, inverse;           // 1 / sigma
    float tangentMean, sigmaDot;   // mean x., mean(x. x^)
    float slopeMean, along;        // mean(gamma dy), mean(gamma dy x^)
};

__device__ __forceinline__ NormRow& normRow(const Step& s, const Slot& slot, int row) {
    return reinterpret_cast<NormRow*>(slot.auxiliary + s.second)[row];
}

__device__ __forceinline__ void forward(const NormLayer& layer, const Step& s, const float* w, const Slot& slot) {
    const int d = layer.d;
    eachWarp(layer.rows, [&](int row, int lane) {
        const float* x = slot.y + s.x + row * d;
        float sum = 0.f;
#pragma unroll 1
        for (int i = lane; i < d; i += 32) {
            sum += x[i];
        }
        const float mean = warpSum(sum) / (float)d;
        float squares = 0.f;
#pragma unroll 1
        for (int i = lane; i < d; i += 32) {
            squares = fmaf(x[i] - mean, x[i] - mean, squares);
        }
        const float inverse = 1.f / sqrtf(warpSum(squares) / (float)d + layer.epsilon);
#pragma unroll 1
        for (int i = lane; i < d; i += 32) {
            slot.y[s.y + row * d + i] = fmaf(w[s.w + i], (x[i] - mean) * inverse, w[s.w + d + i]);
        }
        if (lane == 0) {
            NormRow& kept = normRow(s, slot, row);
            kept.mean = mean;
            kept.inverse = inverse;
        }
    });
}

__device__ __forceinline__ void backward(const NormLayer& layer, const Step& s, const float* w, const Slot& slot) {
    const int d = layer.d;
    eachWarp(layer.rows, [&](int row, int lane) {
        NormRow& kept = normRow(s, slot, row);
        const float* x = slot.y + s.x + row * d;
        const float* dy = slot.dy + s.y + row * d;
        const float mean = kept.mean;
        const float inverse = kept.inverse;
        float sum = 0.f;
        float product = 0.f;
#pragma unroll 1
        for (int i = lane; i < d; i += 32) {
            const float slope = w[s.w + i] * dy[i];
            sum += slope;
            product = fmaf(slope, (x[i] - mean) * inverse, product);
        }
        const float slopeMean = warpSum(sum) / (float)d;
        const float along = warpSum(product) / (float)d;
#pragma unroll 1
        for (int i = lane; i < d; i += 32) {
            const float normal = (x[i] - mean) * inverse;
            put(slot.dy + s.x + row * d, i, (w[s.w + i] * dy[i] - slopeMean - normal * along) * inverse, s.flags & ADD);
        }
        if (lane == 0) {
            kept.slopeMean = slopeMean;
            kept.along = along;
        }
    });
    each(d, [&](int i) {
        float scale = 0.f;
        float shift = 0.f;
#pragma unroll 1
        for (int row = 0; row < layer.rows; ++row) {
            // Other warps write the row's other numbers meanwhile.
            const NormRow& kept = normRow(s, slot, row);
            const float dy = slot.dy[s.y + row * d + i];
            scale = fmaf(dy, (slot.y[s.x + row * d + i] - kept.mean) * kept.inverse, scale);
            shift += dy;
        }
        slot.u[s.w + i] = scale;
        slot.u[s.w + d + i] = shift;
    });
}

__device__ __forceinline__ void tangentForward(const NormLayer& layer, const Step& s, const float* w, const Slot& slot) {
    const int d = layer.d;
    const float* u = slot.u + s.w;
    eachWarp(layer.rows, [&](int row, int lane) {
        NormRow& kept = normRow(s, slot, row);
        const float* x = slot.y + s.x + row * d;
        const float* xDot = slot.yDot + s.x + row * d;
        const float mean = kept.mean;
        const float inverse = kept.inverse;
        float sum = 0.f;
        float product = 0.f;
#pragma unroll 1
        for (int i = lane; i < d; i += 32) {
            sum += xDot[i];
            product = fmaf(xDot[i], (x[i] - mean) * inverse, product);
        }
        const float tangentMean = warpSum(sum) / (float)d;
        const float sigmaDot = warpSum(product) / (float)d;
#pragma unroll 1
        for (int i = lane; i < d; i += 32) {
            const float normal = (x[i] - mean) * inverse;
            const float normalDot = (xDot[i] - tangentMean - normal * sigmaDot) * inverse;
            slot.yDot[s.y + row * d + i] = fmaf(w[s.w + i], normalDot, fmaf(u[i], normal, u[d + i]));
        }
        if (lane == 0) {
            kept.tangentMean = tangentMean;
            kept.sigmaDot = sigmaDot;
        }
    });
}

__device__ __forceinline__ void tangentBackward(const NormLayer& layer, const Step& s, const float* w, const Slot& slot) {
    const int d = layer.d;
    const float* u = slot.u + s.w;
    eachWarp(layer.rows, [&](int row, int lane) {
        const NormRow kept = normRow(s, slot, row);
        const float* x = slot.y + s.x + row * d;
        const float* xDot = slot.yDot + s.x + row * d;
        const float* dy = slot.dy + s.y + row * d;
        const float* dyDot = slot.dyDot + s.y + row * d;
        float sum = 0.f;
        float product = 0.f;
#pragma unroll 1
        for (int i = lane; i < d; i += 32) {
            const float normal = (x[i] - kept.mean) * kept.inverse;
            const float normalDot = (xDot[i] - kept.tangentMean - normal * kept.sigmaDot) * kept.inverse;
            const float slope = w[s.w + i] * dy[i];
            const float slopeDot = fmaf(w[s.w + i], dyDot[i], u[i] * dy[i]);
            sum += slopeDot;
            product = fmaf(slopeDot, normal, fmaf(slope, normalDot, product));
        }
        const float mean = warpSum(sum) / (float)d;
        const float alongDot = warpSum(product) / (float)d;
#pragma unroll 1
        for (int i = lane; i < d; i += 32) {
            const float normal = (x[i] - kept.mean) * kept.inverse;
            const float normalDot = (xDot[i] - kept.tangentMean - normal * kept.sigmaDot) * kept.inverse;
            const float dx = (w[s.w + i] * dy[i] - kept.slopeMean - normal * kept.along) * kept.inverse;
            const float slopeDot = fmaf(w[s.w + i], dyDot[i], u[i] * dy[i]);
            const float rest = slopeDot - mean - normalDot * kept.along - normal * alongDot - dx * kept.sigmaDot;
            put(slot.dyDot + s.x + row * d, i, rest * kept.inverse, s.flags & ADD_TANGENT);
        }
    });
}

// S = Q K^T scale, P = softmax(S), y = P V, for each head; dP = dy V^T, dS = P o (dP - rows of P dP). Rows of x are query,
// key and value side by side. n: images, rows L, d, heads H, causal, bits of the scale. Auxiliary: P, dP, dS, P. and dS.,
// images x H x L x L each; entries a causal row does not see are zero.
struct AttentionLayer {
    int images, length, d, heads, headSize;
    bool causal;
    float scale;
    float* p;
    float* dp;
    float* ds;
    float* pDot;
    float* dsDot;

    __device__ __forceinline__ AttentionLayer(const Step& s, const Slot& slot)
        : images(s.n[0]), length(s.n[1]), d(s.n[2]), heads(s.n[3]), headSize(s.n[2] / s.n[3]), causal(s.n[4] != 0),
          scale(__int_as_float(s.n[5])) {
        const int size = images * heads * length * length;
        p = slot.auxiliary + s.second;
        dp = p + size;
        ds = dp + size;
        pDot = ds + size;
        dsDot = pDot + size;
    }

    __device__ __forceinline__ int rows() const { return images * heads * length; }
    __device__ __forceinline__ int inputs() const { return images * length * 3 * d; }
    __device__ __forceinline__ int outputs() const { return images * length * d; }
    __device__ __forceinline__ int seen(int row) const { return causal ? row % length + 1 : length; }

    // Where a head's part (0 query, 1 key, 2 value) of row j begins, for a row (image, head, query) of P.
    __device__ __forceinline__ int input(int row, int j, int part) const {
        const int image = row / (length * heads);
        const int head = row / length % heads;
        return (image * length + j) * 3 * d + part * d + head * headSize;
    }

    __device__ __forceinline__ int output(int row) const {
        const int image = row / (length * heads);
        const int head = row / length % heads;
        return (image * length + row % length) * d + head * headSize;
    }

    __device__ __forceinline__ float dot(const float* a, const float* b) const {
        float sum = 0.f;
#pragma unroll 1
        for (int e = 0; e < headSize; ++e) {
            sum = fmaf(a[e], b[e], sum);
        }
        return sum;
    }

    // Entry of P V for weights p and values in x.
    __device__ __forceinline__ float mixed(const float* weights, const float* x, int at) const {
        const int e = at % d;
        const int i = at / d % length;
        const int image = at / (d * length);
        const float* row = weights + (size_t)((image * heads + e / headSize) * length + i) * length;
        const float* value = x + (size_t)image * length * 3 * d + 2 * d + e;
        float sum = 0.f;
#pragma unroll 1
        for (int j = 0; j < length; ++j) {
            sum = fmaf(row[j], value[(size_t)j * 3 * d], sum);
        }
        return sum;
    }

    // Entry of the gradient of x for slopes dS of scores, weights P and gradient dy of the output.
    __device__ __forceinline__ float spread(const float* slopes, const float* x, const float* weights, const float* dy,
                                            int at) const {
        const int part = at / d % 3;
        const int e = at % d;
        const int i = at / (3 * d) % length;
        const int image = at / (3 * d * length);
        const size_t square = (size_t)(image * heads + e / headSize) * length * length;
        const float* rows = x + (size_t)image * length * 3 * d + e;
        float sum = 0.f;
        if (part == 2) {
#pragma unroll 1
            for (int j = 0; j < length; ++j) {
                sum = fmaf(weights[square + (size_t)j * length + i], dy[(size_t)(image * length + j) * d + e], sum);
            }
            return sum;
        }
#pragma unroll 1
        for (int j = 0; j < length; ++j) {
            const size_t pair = part == 0 ? (size_t)i * length + j : (size_t)j * length + i;
            sum = fmaf(slopes[square + pair], rows[(size_t)j * 3 * d + (1 - part) * d], sum);
        }
        return scale * sum;
    }
};

__device__ __forceinline__ void forward(const AttentionLayer& layer, const Step& s, const float*, const Slot& slot) {
    const float* x = slot.y + s.x;
    each(layer.rows(), [&](int row) {
        float* p = layer.p + (size_t)row * layer.length;
        const int seen = layer.seen(row);
        const float* query = x + layer.input(row, row % layer.length, 0);
        float largest = -INFINITY;
#pragma unroll 1
        for (int j = 0; j < seen; ++j) {
            p[j] = layer.scale * layer.dot(query, x + layer.input(row, j, 1));
            largest = fmaxf(largest, p[j]);
        }
        float sum = 0.f;
#pragma unroll 1
        for (int j = 0; j < seen; ++j) {
            p[j] = expf(p[j] - largest);
            sum += p[j];
        }
#pragma unroll 1
        for (int j = 0; j < layer.length; ++j) {
            p[j] = j < seen ? p[j] / sum : 0.f;
        }
    });
    __syncthreads();
    each(layer.outputs(), [&](int i) { slot.y[s.y + i] = layer.mixed(layer.p, x, i); });
}

__device__ __forceinline__ void backward(const AttentionLayer& layer, const Step& s, const float*, const Slot& slot) {
    const float* x = slot.y + s.x;
    const float* dy = slot.dy + s.y;
    each(layer.rows(), [&](int row) {
        const size_t from = (size_t)row * layer.length;
        float sum = 0.f;
#pragma unroll 1
        for (int j = 0; j < layer.length; ++j) {
            const float slope = layer.dot(dy + layer.output(row), x + layer.input(row, j, 2));
            layer.dp[from + j] = slope;
            sum = fmaf(layer.p[from + j], slope, sum);
        }
#pragma unroll 1
        for (int j = 0; j < layer.length; ++j) {
            layer.ds[from + j] = layer.p[from + j] * (layer.dp[from + j] - sum);
        }
    });
    __syncthreads();
    each(layer.inputs(), [&](int i) {
        put(slot.dy + s.x, i, layer.spread(layer.ds, x, layer.p, dy, i), s.flags & ADD);
    });
}

__device__ __forceinline__ void tangentForward(const AttentionLayer& layer, const Step& s, const float*, const Slot& slot) {
    const float* x = slot.y + s.x;
    const float* xDot = slot.yDot + s.x;
    each(layer.rows(), [&](int row) {
        const size_t from = (size_t)row * layer.length;
        const int query = layer.input(row, row % layer.length, 0);
        float sum = 0.f;
#pragma unroll 1
        for (int j = 0; j < layer.length; ++j) {
            const int key = layer.input(row, j, 1);
            const float score = layer.scale * (layer.dot(xDot + query, x + key) + layer.dot(x + query, xDot + key));
            layer.pDot[from + j] = score;
            sum = fmaf(layer.p[from + j], score, sum);
        }
#pragma unroll 1
        for (int j = 0; j < layer.length; ++j) {
            layer.pDot[from + j] = layer.p[from + j] * (layer.pDot[from + j] - sum);
        }
    });
    __syncthreads();
    each(layer.outputs(), [&](int i) {
        float sum = 0.f;
#pragma unroll 1
        for (int term = 0; term < 2; ++term) {
            sum += layer.mixed(term == 0 ? layer.pDot : layer.p, term == 0 ? x : xDot, i);
        }
        slot.yDot[s.y + i] = sum;
    });
}

__device__ __forceinline__ void tangentBackward(const AttentionLayer& layer, const Step& s, const float*, const Slot& slot) {
    const float* x = slot.y + s.x;
    const float* xDot = slot.yDot + s.x;
    const float* dy = slot.dy + s.y;
    const float* dyDot = slot.dyDot + s.y;
    each(layer.rows(), [&](int row) {
        const size_t from = (size_t)row * layer.length;
        float sum = 0.f;
        float sumDot = 0.f;
#pragma unroll 1
        for (int j = 0; j < layer.length; ++j) {
            const int value = layer.input(row, j, 2);
            const float slope = layer.dot(dyDot + layer.output(row), x + value) +
                                layer.dot(dy + layer.output(row), xDot + value);
            layer.dsDot[from + j] = slope;
            sum = fmaf(layer.p[from + j], layer.dp[from + j], sum);
            sumDot = fmaf(layer.pDot[from + j], layer.dp[from + j], fmaf(layer.p[from + j], slope, sumDot));
        }
#pragma unroll 1
        for (int j = 0; j < layer.length; ++j) {
            const size_t at = from + j;
            layer.dsDot[at] = layer.pDot[at] * (layer.dp[at] - sum) + layer.p[at] * (layer.dsDot[at] - sumDot);
        }
    });
    __syncthreads();
    each(layer.inputs(), [&](int i) {
        float sum = 0.f;
#pragma unroll 1
        for (int term = 0; term < 2; ++term) {
            const bool moved = term == 1;
            sum += layer.spread(moved ? layer.ds : layer.dsDot, moved ? xDot : x, moved ? layer.p : layer.pDot,
                                moved ? dyDot : dy, i);
        }
        put(slot.dyDot + s.x, i, sum, s.flags & ADD_TANGENT);
    });
}
