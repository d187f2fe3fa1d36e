// Vocabulary sweep: every (v, i) with ||e_v S + B_i||^2 <= limit, for V tokens and P positions in one pass.
//
//   table     E, V x d in rows of `stride` floats, 16-byte aligned, zero from d on
//   sketch    S^T, `columns` x stride; columns are a multiple of 8, zero from k on
//   positions B in quads: entry (c/4) * P + i holds columns c .. c+3 of position i
//   hits      (token, position) in no order; *count tells all, also those beyond capacity
//
// Declared: 2 V d k + 3 V P k FLOP, 4 V d bytes. gpt2, k = 8, P = 64: 0.70 GFLOP, 154 MB; on 4.3 TB/s 36 us.
//
// Ladder (predicted on an H200; nothing measured yet):
//   _0 a thread per pair walks d for each column: P times the products and one 32-byte sector a float. > 20 ms.
//   _1 a warp per row reads it once, coalesced, for all positions; sketch from the first cache: 8 + 1 loads for 8
//      multiply-adds, 40 shuffles a row. Bound by load slots: 5 x the floor.
//   _2 four rows a warp: 16-byte loads, the next ones issued before the last are used (64 KB in flight an SM, 23 KB
//      cover the latency); a sketch quad from shared memory serves four rows (8 loads for 128 multiply-adds); 32 sums
//      by 31 shuffles. 1100 instructions for four rows are 15 us of issue slots under 36 us of memory time.
#include "common/block.cuh"

constexpr int SWEEP_COLUMNS = 8;   // columns at a time; more columns read the rows again, from cache
constexpr int SWEEP_ROWS = 4;      // rows of a warp; times columns: the 32 lanes the sums end up in
constexpr int SWEEP_WARPS = 8;
constexpr int SWEEP_DEPTH = 1024;  // entries of each sketch column in shared memory: 32 KB
constexpr int SWEEP_MOST_COLUMNS = 32;

__device__ __forceinline__ void report(int token, int position, int2* hits, int capacity, int* count) {
    const int at = atomicAdd(count, 1);
    if (at < capacity) {
        hits[at] = make_int2(token, position);
    }
}

__device__ __forceinline__ float squaredSum(float4 a, float4 b, float squared) {
    squared = fmaf(a.x + b.x, a.x + b.x, squared);
    squared = fmaf(a.y + b.y, a.y + b.y, squared);
    squared = fmaf(a.z + b.z, a.z + b.z, squared);
    return fmaf(a.w + b.w, a.w + b.w, squared);
}

extern "C" __global__ void __launch_bounds__(256)
vocabulary_sweep_0(const float* __restrict__ table, int rows, int stride, const float* __restrict__ sketch, int columns,
                   const float4* __restrict__ positions, int places, float limit, int2* __restrict__ hits, int capacity,
                   int* __restrict__ count) {
    const long long pairs = (long long)rows * places;
    const long long step = (long long)gridDim.x * blockDim.x;
    for (long long pair = (long long)blockIdx.x * blockDim.x + threadIdx.x; pair < pairs; pair += step) {
        const int token = (int)(pair / places);
        const int position = (int)(pair % places);
        float squared = 0.f;
        for (int c = 0; c < columns; c += 4) {
            float a[4] = {0.f, 0.f, 0.f, 0.f};
            for (int e = 0; e < stride; ++e) {
                const float x = table[(size_t)token * stride + e];
                for (int q = 0; q < 4; ++q) {
                    a[q] = fmaf(x, sketch[(c + q) * stride + e], a[q]);
                }
            }
            squared = squaredSum(make_float4(a[0], a[1], a[2], a[3]), positions[c / 4 * places + position], squared);
        }
        if (squared <= limit) {
            report(token, position, hits, capacity, count);
        }
    }
}

// Tests the rows whose projections a warp has in shared memory, positions in the lanes.
__device__ __forceinline__ void testRows(const float (*projected)[SWEEP_MOST_COLUMNS], int tested, int first, int columns,
                                         const float4* __restrict__ positions, int places, float limit,
                                         int2* __restrict__ hits, int capacity, int* __restrict__ count) {
    for (int i = threadIdx.x % 32; i < places; i += 32) {
        float squared[SWEEP_ROWS] = {0.f, 0.f, 0.f, 0.f};
        for (int c = 0; c < columns; c += 4) {
            const float4 b = positions[c / 4 * places + i];
#pragma unroll
            for (int r = 0; r < SWEEP_ROWS; ++r) {
                squared[r] = squaredSum(*reinterpret_cast<const float4*>(&projected[r][c]), b, squared[r]);
            }
        }
#pragma unroll
        for (int r = 0; r < SWEEP_ROWS; ++r) {
            if (r < tested && squared[r] <= limit) {
                report(first + r, i, hits, capacity, count);
            }
        }
    }
}

extern "C" __global__ void __launch_bounds__(256, 2)
vocabulary_sweep_1(const float* __restrict__ table, int rows, int stride, const float* __restrict__ sketch, int columns,
                   const float4* __restrict__ positions, int places, float limit, int2* __restrict__ hits, int capacity,
                   int* __restrict__ count) {
    __shared__ __align__(16) float projected[SWEEP_WARPS][SWEEP_ROWS][SWEEP_MOST_COLUMNS];
    const int lane = threadIdx.x % 32;
    const int warp = threadIdx.x / 32;
    for (int row = blockIdx.x * SWEEP_WARPS + warp; row < rows; row += gridDim.x * SWEEP_WARPS) {
        for (int c = 0; c < columns; c += SWEEP_COLUMNS) {
            float a[SWEEP_COLUMNS] = {};
            for (int e = lane; e < stride; e += 32) {
                const float x = table[(size_t)row * stride + e];
#pragma unroll
                for (int q = 0; q < SWEEP_COLUMNS; ++q) {
                    a[q] = fmaf(x, sketch[(c + q) * stride + e], a[q]);
                }
            }
#pragma unroll
            for (int q = 0; q < SWEEP_COLUMNS; ++q) {
                a[q] = warpSum(a[q]);
            }
            if (lane == 0) {
                for (int q = 0; q < SWEEP_COLUMNS; ++q) {
                    projected[warp][0][c + q] = a[q];
                }
            }
        }
        __syncwarp();
        for (int i = lane; i < places; i += 32) {
            float squared = 0.f;
            for (int c = 0; c < columns; c += 4) {
                squared = squaredSum(*reinterpret_cast<const float4*>(&projected[warp][0][c]),
                                     positions[c / 4 * places + i], squared);
            }
            if (squared <= limit) {
                report(row, i, hits, capacity, count);
            }
        }
        __syncwarp();
    }
}

// Halves of the sums change lanes, until lane l has the sum of entry l: 16 + 8 + 4 + 2 + 1 shuffles.
template <int HALF>
__device__ __forceinline__ void scatterSums(float (&sum)[SWEEP_ROWS * SWEEP_COLUMNS], int lane) {
    const bool upper = (lane & HALF) != 0;
#pragma unroll
    for (int i = 0; i < HALF; ++i) {
        const float kept = upper ? sum[i + HALF] : sum[i];
        const float given = upper ? sum[i] : sum[i + HALF];
        sum[i] = kept + __shfl_xor_sync(ALL_LANES, given, HALF);
    }
    if constexpr (HALF > 1) {
        scatterSums<HALF / 2>(sum, lane);
    }
}

// Columns c .. c+7 of the sketch, entries e .. e+depth-1, to shared memory.
__device__ __forceinline__ void stage(float (*s)[SWEEP_DEPTH], const float* __restrict__ sketch, int stride, int c, int e,
                                      int depth) {
    for (int i = 4 * threadIdx.x; i < depth; i += 4 * blockDim.x) {
#pragma unroll
        for (int q = 0; q < SWEEP_COLUMNS; ++q) {
            *reinterpret_cast<float4*>(&s[q][i]) =
                *reinterpret_cast<const float4*>(&sketch[(size_t)(c + q) * stride + e + i]);
        }
    }
}

extern "C" __global__ void __launch_bounds__(256, 2)
vocabulary_sweep_2(const float* __restrict__ table, int rows, int stride, const float* __restrict__ sketch, int columns,
                   const float4* __restrict__ positions, int places, float limit, int2* __restrict__ hits, int capacity,
                   int* __restrict__ count) {
    __shared__ __align__(16) float s[SWEEP_COLUMNS][SWEEP_DEPTH];
    __shared__ __align__(16) float projected[SWEEP_WARPS][SWEEP_ROWS][SWEEP_MOST_COLUMNS];
    const int lane = threadIdx.x % 32;
    const int warp = threadIdx.x / 32;
    const bool once = stride <= SWEEP_DEPTH && columns == SWEEP_COLUMNS;
    if (once) {
        stage(s, sketch, stride, 0, 0, stride);
        __syncthreads();
    }
    const int block = SWEEP_WARPS * SWEEP_ROWS;
    for (int start = blockIdx.x * block; start < rows; start += gridDim.x * block) {
        const int first = start + warp * SWEEP_ROWS;
        const float* row[SWEEP_ROWS];
#pragma unroll
        for (int r = 0; r < SWEEP_ROWS; ++r) {
            // Rows beyond the table repeat its last one and are not tested.
            row[r] = table + (size_t)min(first + r, rows - 1) * stride;
        }
        for (int c = 0; c < columns; c += SWEEP_COLUMNS) {
            float sum[SWEEP_ROWS * SWEEP_COLUMNS] = {};
            for (int from = 0; from < stride; from += SWEEP_DEPTH) {
                const int depth = min(SWEEP_DEPTH, stride - from);
                if (!once) {
                    __syncthreads();
                    stage(s, sketch, stride, c, from, depth);
                    __syncthreads();
                }
                int e = 4 * lane;
                float4 next[SWEEP_ROWS];
#pragma unroll
                for (int r = 0; r < SWEEP_ROWS; ++r) {
                    next[r] = e < depth ? *reinterpret_cast<const float4*>(row[r] + from + e)
                                        : make_float4(0.f, 0.f, 0.f, 0.f);
                }
                for (; e < depth; e += 128) {
                    float4 x[SWEEP_ROWS];
#pragma unroll
                    for (int r = 0; r < SWEEP_ROWS; ++r) {
                        x[r] = next[r];
                        if (e + 128 < depth) {
                            next[r] = *reinterpret_cast<const float4*>(row[r] + from + e + 128);
                        }
                    }
#pragma unroll
                    for (int q = 0; q < SWEEP_COLUMNS; ++q) {
                        const float4 w = *reinterpret_cast<const float4*>(&s[q][e]);
#pragma unroll
                        for (int r = 0; r < SWEEP_ROWS; ++r) {
                            float& a = sum[r * SWEEP_COLUMNS + q];
                            a = fmaf(x[r].x, w.x, fmaf(x[r].y, w.y, fmaf(x[r].z, w.z, fmaf(x[r].w, w.w, a))));
                        }
                    }
                }
            }
            scatterSums<16>(sum, lane);
            projected[warp][lane / SWEEP_COLUMNS][c + lane % SWEEP_COLUMNS] = sum[0];
        }
        __syncwarp();
        testRows(projected[warp], min(SWEEP_ROWS, rows - first), first, columns, positions, places, limit, hits, capacity,
                 count);
        __syncwarp();
    }
}
