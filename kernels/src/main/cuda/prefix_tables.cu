// What layer 1's attention needs of every candidate token and position: its input is gamma (e^_t + p^_i)/sigma_{t,i} +
// beta with centred e^, p^, so queries, keys and values are (token_t + position_i)/sigma_{t,i} + constant.
//
//   parts   rows of the stacked inputs: T tokens, P positions, beta last; then matrix_product.cu with W (d x 3d)
//   qkv     (T + P + 1) rows of `stride` floats: query, key, value
//
// Declared: parts 6 (T + P) d FLOP, 8 (T + P) d bytes; 1/sigma 6 T P d FLOP, 4 (T + P) d bytes (from cache but once);
// sketches 2 (T + P + 1) d k FLOP, 4 (T + P + 1)(d + H k) bytes. All under 20 us at 32 x 20 of gpt2: one rung each, a
// warp for each row or pair, since launches cost as much as the work.
#include "common/block.cuh"

// row r <- gamma (x - mean x) for x = table[ids[r]], padded with zeros to the stride. A warp a row.
extern "C" __global__ void __launch_bounds__(256)
normalised_parts(const float* __restrict__ table, int tableStride, const int* __restrict__ ids, int n, int d,
                 const float* __restrict__ scale, float* __restrict__ parts, int stride) {
    const int lane = threadIdx.x % 32;
    const int warps = gridDim.x * blockDim.x / 32;
    for (int r = (blockIdx.x * blockDim.x + threadIdx.x) / 32; r < n; r += warps) {
        const float* x = table + (size_t)ids[r] * tableStride;
        double sum = 0;
        for (int e = lane; e < d; e += 32) {
            sum += x[e];
        }
        const double mean = warpSum(sum) / d;
        for (int e = lane; e < stride; e += 32) {
            parts[(size_t)r * stride + e] = e < d ? (float)(scale[e] * (x[e] - mean)) : 0.f;
        }
    }
}

// 1/sigma_{t,i} = 1/sqrt(var(e_t + p_i) + epsilon), T x P. A warp a pair.
extern "C" __global__ void __launch_bounds__(256)
inverse_sigma(const float* __restrict__ table, int tableStride, const int* __restrict__ ids, int tokens,
              const float* __restrict__ places, int placeStride, int positions, int d, double epsilon,
              float* __restrict__ inverse) {
    const int lane = threadIdx.x % 32;
    const int warps = gridDim.x * blockDim.x / 32;
    for (int pair = (blockIdx.x * blockDim.x + threadIdx.x) / 32; pair < tokens * positions; pair += warps) {
        const float* t = table + (size_t)ids[pair / positions] * tableStride;
        const float* p = places + (size_t)(pair % positions) * placeStride;
        double sum = 0;
        for (int e = lane; e < d; e += 32) {
            sum += (double)t[e] + p[e];
        }
        const double mean = warpSum(sum) / d;
        double squares = 0;
        for (int e = lane; e < d; e += 32) {
            const double x = (double)t[e] + p[e] - mean;
            squares = fma(x, x, squares);
        }
        squares = warpSum(squares);
        if (lane == 0) {
            inverse[pair] = (float)(1 / sqrt(squares / d + epsilon));
        }
    }
}

extern "C" __global__ void __launch_bounds__(256)
add_bias(float* __restrict__ row, const float* __restrict__ bias, int n) {
    for (int e = blockIdx.x * blockDim.x + threadIdx.x; e < n; e += gridDim.x * blockDim.x) {
        row[e] += bias[e];
    }
}

// Queries of T tokens times a factor, transposed: d x width, tokens along rows, zero from T on. 32 x 32 tiles.
extern "C" __global__ void __launch_bounds__(256)
transposed_queries(const float* __restrict__ qkv, int stride, int tokens, int d, float factor, float* __restrict__ queries,
                   int width) {
    __shared__ float tile[32][33];
    const int lane = threadIdx.x % 32;
    const int down = threadIdx.x / 32;
    const int across = (d + 31) / 32;
    const int e0 = blockIdx.x % across * 32;
    const int t0 = blockIdx.x / across * 32;
    for (int t = down; t < 32; t += 8) {
        tile[t][lane] = t0 + t < tokens && e0 + lane < d ? factor * qkv[(size_t)(t0 + t) * stride + e0 + lane] : 0.f;
    }
    __syncthreads();
    for (int e = down; e < 32; e += 8) {
        if (e0 + e < d && t0 + lane < width) {
            queries[(size_t)(e0 + e) * width + t0 + lane] = tile[lane][e];
        }
    }
}

// N_h^T v of each row of qkv and each head: n x H x columns. A warp a row and head, 8 columns at a time.
extern "C" __global__ void __launch_bounds__(256)
value_sketches(const float* __restrict__ qkv, int stride, int n, int d, int heads, const float* __restrict__ sketch,
               int columns, float* __restrict__ sketches) {
    const int lane = threadIdx.x % 32;
    const int warps = gridDim.x * blockDim.x / 32;
    const int headSize = d / heads;
    for (int work = (blockIdx.x * blockDim.x + threadIdx.x) / 32; work < n * heads; work += warps) {
        const int first = work % heads * headSize;
        const float* value = qkv + (size_t)(work / heads) * stride + 2 * d;
        for (int c = 0; c < columns; c += 8) {
            float sum[8] = {};
            for (int e = first + lane; e < first + headSize; e += 32) {
#pragma unroll
                for (int q = 0; q < 8; ++q) {
                    sum[q] = fmaf(value[e], sketch[e * columns + c + q], sum[q]);
                }
            }
#pragma unroll
            for (int q = 0; q < 8; ++q) {
                sum[q] = warpSum(sum[q]);
                if (lane == q) {
                    sketches[(size_t)work * columns + c + q] = sum[q];
                }
            }
        }
    }
}
