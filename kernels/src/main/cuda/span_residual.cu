// Components of vectors outside a row space, float64: R = Z - (Z Q^T) Q with the orthonormal basis as r rows of Q.
//
//   z, rest      n x d;  basis: r x d;  coefficients: splits x n x r, their sum over the splits is Z Q^T
//   counted      a count on the device that limits n; 0 if an earlier kernel left nothing to do
//   rest may be z
//
// Declared: 2 n d r FLOP each for coefficients and rest, float64; 8 (n d + d r + n r) bytes each.
// gpt2, 32 vectors, r = 500: 49 MFLOP and 6.5 MB together; 30 TFLOP/s and 4.3 TB/s: 1.6 us, so launches count.
//
// Ladder (predicted on an H200; nothing measured yet):
//   _0 a thread per entry: every operand from cache, 2 loads a multiply-add. 1/16 of the float64 rate.
//   _1 32 x 32 tiles through shared memory, 4 x 2 entries a thread: 6 shared loads for 8 multiply-adds; few rows are
//      split over d (coefficients) so that more than a handful of blocks work. Half the float64 rate for n >= 300; at
//      n = 32 bound by the latency of d/16/splits steps, about 10 us.
#include "common/block.cuh"

constexpr int SPAN_TILE = 32;
constexpr int SPAN_DEPTH = 16;
constexpr int SPAN_THREADS = 128;  // 16 across, 8 down; each 4 rows, 8 apart, x 2 columns, 16 apart

extern "C" __global__ void __launch_bounds__(256)
span_coefficients_0(const double* z, int n, const int* __restrict__ counted, const double* __restrict__ basis, int r, int d, int splits,
                    double* __restrict__ coefficients) {
    const int rows = rowsToDo(n, counted);
    const long long step = (long long)gridDim.x * blockDim.x;
    const int width = (d + splits - 1) / splits;
    for (long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x; at < (long long)splits * rows * r; at += step) {
        const int b = (int)(at % r);
        const int row = (int)(at / r % rows);
        const int split = (int)(at / r / rows);
        double sum = 0;
        for (int e = split * width; e < min(d, (split + 1) * width); ++e) {
            sum += z[(size_t)row * d + e] * basis[(size_t)b * d + e];
        }
        coefficients[((size_t)split * n + row) * r + b] = sum;
    }
}

extern "C" __global__ void __launch_bounds__(256)
span_rest_0(const double* z, int n, const int* __restrict__ counted, const double* __restrict__ basis, int r, int d, int splits,
            const double* __restrict__ coefficients, double* rest) {
    const int rows = rowsToDo(n, counted);
    const long long step = (long long)gridDim.x * blockDim.x;
    for (long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x; at < (long long)rows * d; at += step) {
        const int row = (int)(at / d);
        double sum = 0;
        for (int b = 0; b < r; ++b) {
            double c = 0;
            for (int split = 0; split < splits; ++split) {
                c += coefficients[((size_t)split * n + row) * r + b];
            }
            sum += c * basis[(size_t)b * d + at % d];
        }
        rest[at] = z[at] - sum;
    }
}

__device__ __forceinline__ void multiplyTiles(const double (*left)[SPAN_TILE + 1], const double (*right)[SPAN_TILE + 1],
                                              double (&sum)[4][2]) {
    const int across = threadIdx.x % 16;
    const int down = threadIdx.x / 16;
#pragma unroll
    for (int p = 0; p < SPAN_DEPTH; ++p) {
        const double r0 = right[p][across];
        const double r1 = right[p][across + 16];
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            const double l = left[p][down + 8 * i];
            sum[i][0] = fma(l, r0, sum[i][0]);
            sum[i][1] = fma(l, r1, sum[i][1]);
        }
    }
}

extern "C" __global__ void __launch_bounds__(128, 4)
span_coefficients_1(const double* z, int n, const int* __restrict__ counted, const double* __restrict__ basis, int r, int d, int splits,
                    double* __restrict__ coefficients) {
    __shared__ double zs[SPAN_DEPTH][SPAN_TILE + 1];
    __shared__ double qs[SPAN_DEPTH][SPAN_TILE + 1];
    const int rows = rowsToDo(n, counted);
    const int tilesAcross = (r + SPAN_TILE - 1) / SPAN_TILE;
    const int tilesDown = (rows + SPAN_TILE - 1) / SPAN_TILE;
    const int width = (d + splits * SPAN_DEPTH - 1) / (splits * SPAN_DEPTH) * SPAN_DEPTH;
    for (int work = blockIdx.x; work < tilesAcross * tilesDown * splits; work += gridDim.x) {
        const int b0 = work % tilesAcross * SPAN_TILE;
        const int row0 = work / tilesAcross % tilesDown * SPAN_TILE;
        const int split = work / tilesAcross / tilesDown;
        double sum[4][2] = {};
        for (int from = split * width; from < min(d, (split + 1) * width); from += SPAN_DEPTH) {
            for (int i = threadIdx.x; i < SPAN_TILE * SPAN_DEPTH; i += SPAN_THREADS) {
                const int e = from + i % SPAN_DEPTH;
                const int t = i / SPAN_DEPTH;
                zs[i % SPAN_DEPTH][t] = row0 + t < rows && e < d ? z[(size_t)(row0 + t) * d + e] : 0;
                qs[i % SPAN_DEPTH][t] = b0 + t < r && e < d ? basis[(size_t)(b0 + t) * d + e] : 0;
            }
            __syncthreads();
            multiplyTiles(zs, qs, sum);
            __syncthreads();
        }
#pragma unroll
        for (int i = 0; i < 4; ++i) {
#pragma unroll
            for (int j = 0; j < 2; ++j) {
                const int row = row0 + threadIdx.x / 16 + 8 * i;
                const int b = b0 + threadIdx.x % 16 + 16 * j;
                if (row < rows && b < r) {
                    coefficients[((size_t)split * n + row) * r + b] = sum[i][j];
                }
            }
        }
    }
}

extern "C" __global__ void __launch_bounds__(128, 4)
span_rest_1(const double* z, int n, const int* __restrict__ counted, const double* __restrict__ basis, int r, int d, int splits,
            const double* __restrict__ coefficients, double* rest) {
    __shared__ double cs[SPAN_DEPTH][SPAN_TILE + 1];
    __shared__ double qs[SPAN_DEPTH][SPAN_TILE + 1];
    const int rows = rowsToDo(n, counted);
    const int tilesAcross = (d + SPAN_TILE - 1) / SPAN_TILE;
    const int tilesDown = (rows + SPAN_TILE - 1) / SPAN_TILE;
    for (int work = blockIdx.x; work < tilesAcross * tilesDown; work += gridDim.x) {
        const int e0 = work % tilesAcross * SPAN_TILE;
        const int row0 = work / tilesAcross * SPAN_TILE;
        double sum[4][2] = {};
        for (int from = 0; from < r; from += SPAN_DEPTH) {
            for (int i = threadIdx.x; i < SPAN_TILE * SPAN_DEPTH; i += SPAN_THREADS) {
                const int b = from + i % SPAN_DEPTH;
                const int row = row0 + i / SPAN_DEPTH;
                double c = 0;
                if (row < rows && b < r) {
                    for (int split = 0; split < splits; ++split) {
                        c += coefficients[((size_t)split * n + row) * r + b];
                    }
                }
                cs[i % SPAN_DEPTH][i / SPAN_DEPTH] = c;
                const int p = from + i / SPAN_TILE;
                const int e = e0 + i % SPAN_TILE;
                qs[i / SPAN_TILE][i % SPAN_TILE] = p < r && e < d ? basis[(size_t)p * d + e] : 0;
            }
            __syncthreads();
            multiplyTiles(cs, qs, sum);
            __syncthreads();
        }
#pragma unroll
        for (int i = 0; i < 4; ++i) {
#pragma unroll
            for (int j = 0; j < 2; ++j) {
                const int row = row0 + threadIdx.x / 16 + 8 * i;
                const int e = e0 + threadIdx.x % 16 + 16 * j;
                if (row < rows && e < d) {
                    const size_t at = (size_t)row * d + e;
                    rest[at] = z[at] - sum[i][j];
                }
            }
        }
    }
}

// ||rest||/||z|| of each row, a warp a row. Declared: 4 n d FLOP, 16 n d bytes.
extern "C" __global__ void __launch_bounds__(256)
span_distances(const double* __restrict__ z, const double* __restrict__ rest, int n, const int* __restrict__ counted, int d,
               double* __restrict__ distances) {
    const int rows = rowsToDo(n, counted);
    const int warps = gridDim.x * blockDim.x / 32;
    for (int row = (blockIdx.x * blockDim.x + threadIdx.x) / 32; row < rows; row += warps) {
        double outside = 0;
        double whole = 0;
        for (int e = threadIdx.x % 32; e < d; e += 32) {
            const double o = rest[(size_t)row * d + e];
            const double w = z[(size_t)row * d + e];
            outside = fma(o, o, outside);
            whole = fma(w, w, whole);
        }
        outside = warpSum(outside);
        whole = warpSum(whole);
        if (threadIdx.x % 32 == 0) {
            distances[row] = sqrt(outside / whole);
        }
    }
}
