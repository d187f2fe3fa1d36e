// C = A B, float32: A n x inner, B inner x m, rows of strideA, strideB, strideC floats.
//
// Rows start on 16 bytes and are zero from their length to the next multiple of four, so that quads need no edge case
// along rows; C's padding comes out zero.
//
// Declared: 2 n m inner FLOP, 4 (n inner + inner m + n m) bytes. The tables of gpt2 at 32 x 20 (276 x 768 x 2304): 1.0
// GFLOP, 10 MB; 60 TFLOP/s: 16 us.
//
// Ladder (predicted on an H200; nothing measured yet):
//   _0 a thread per entry: 2 loads a multiply-add. 1/8 of the float32 rate.
//   _1 64 x 64 tiles through shared memory, 4 x 4 entries a thread: 2 quads of loads for 16 multiply-adds. Half the
//      rate, 35 us for the tables (180 tiles on 132 processors: two rounds).

#include "common/portable.cuh"

constexpr int PRODUCT_TILE = 64;
constexpr int PRODUCT_DEPTH = 16;

extern "C" __global__ void __launch_bounds__(256)
matrix_product_0(const float* __restrict__ a, int strideA, const float* __restrict__ b, int strideB, float* __restrict__ c,
                 int strideC, int n, int m, int inner) {
    const long long step = (long long)gridDim.x * blockDim.x;
    for (long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x; at < (long long)n * strideC; at += step) {
        const int row = (int)(at / strideC);
        const int column = (int)(at % strideC);
        float sum = 0.f;
        for (int p = 0; p < inner && column < m; ++p) {
            sum = fmaf(a[(size_t)row * strideA + p], b[(size_t)p * strideB + column], sum);
        }
        c[at] = sum;
    }
}

extern "C" __global__ void __launch_bounds__(256)
matrix_product_1(const float* __restrict__ a, int strideA, const float* __restrict__ b, int strideB, float* __restrict__ c,
                 int strideC, int n, int m, int inner) {
    __shared__ __align__(16) float as[PRODUCT_DEPTH][PRODUCT_TILE + 4];
    __shared__ __align__(16) float bs[PRODUCT_DEPTH][PRODUCT_TILE];
    const float4 zero = make_float4(0.f, 0.f, 0.f, 0.f);
    const int across = threadIdx.x % 16;
    const int down = threadIdx.x / 16;
    const int tilesAcross = (m + PRODUCT_TILE - 1) / PRODUCT_TILE;
    const int tiles = tilesAcross * ((n + PRODUCT_TILE - 1) / PRODUCT_TILE);
    for (int work = blockIdx.x; work < tiles; work += gridDim.x) {
        const int column0 = work % tilesAcross * PRODUCT_TILE;
        const int row0 = work / tilesAcross * PRODUCT_TILE;
        float sum[4][4] = {};
        for (int from = 0; from < inner; from += PRODUCT_DEPTH) {
            const int row = row0 + threadIdx.x / 4;
            const int left = threadIdx.x % 4 * 4;
            const float4 x = row < n && from + left < strideA
                                 ? *reinterpret_cast<const float4*>(&a[(size_t)row * strideA + from + left])
                                 : zero;
            as[left][threadIdx.x / 4] = x.x;
            as[left + 1][threadIdx.x / 4] = x.y;
            as[left + 2][threadIdx.x / 4] = x.z;
            as[left + 3][threadIdx.x / 4] = x.w;
            const int p = from + down;
            const int column = column0 + across * 4;
            *reinterpret_cast<float4*>(&bs[down][across * 4]) =
                p < inner && column < strideB ? *reinterpret_cast<const float4*>(&b[(size_t)p * strideB + column]) : zero;
            __syncthreads();
#pragma unroll
            for (int q = 0; q < PRODUCT_DEPTH; ++q) {
                const float4 l = *reinterpret_cast<const float4*>(&as[q][down * 4]);
                const float4 r = *reinterpret_cast<const float4*>(&bs[q][across * 4]);
                const float ls[4] = {l.x, l.y, l.z, l.w};
                const float rs[4] = {r.x, r.y, r.z, r.w};
#pragma unroll
                for (int i = 0; i < 4; ++i) {
#pragma unroll
                    for (int j = 0; j < 4; ++j) {
                        sum[i][j] = fmaf(ls[i], rs[j], sum[i][j]);
                    }
                }
            }
            __syncthreads();
        }
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            const int row = row0 + down * 4 + i;
            const int column = column0 + across * 4;
            if (row < n && column < strideC) {
                *reinterpret_cast<float4*>(&c[(size_t)row * strideC + column]) =
                    make_float4(sum[i][0], sum[i][1], sum[i][2], sum[i][3]);
            }
        }
    }
}
