// Sums and scans over the threads of a warp or block. Their order is fixed, so results have the same bits every time.
#pragma once

#include "common/portable.cuh"

constexpr unsigned ALL_LANES = 0xffffffffu;

template <typename T>
__device__ __forceinline__ T warpSum(T value) {
#pragma unroll
    for (int step = 16; step > 0; step /= 2) {
        value += __shfl_xor_sync(ALL_LANES, value, step);
    }
    return value;
}

// Sum over a block of whole warps, in every thread. scratch: 32 values in shared memory, free again on return.
template <typename T>
__device__ __forceinline__ T blockSum(T value, T* scratch) {
    const int lane = threadIdx.x % 32;
    const int warps = blockDim.x / 32;
    value = warpSum(value);
    if (lane == 0) {
        scratch[threadIdx.x / 32] = value;
    }
    __syncthreads();
    value = warpSum(lane < warps ? scratch[lane] : T(0));
    __syncthreads();
    return value;
}

// Values of the threads before this one; total: of all. scratch: 32 values in shared memory, free again on return.
__device__ __forceinline__ int blockScan(int value, int* scratch, int& total) {
    const int lane = threadIdx.x % 32;
    const int warp = threadIdx.x / 32;
    const int warps = blockDim.x / 32;
    int sum = value;
#pragma unroll
    for (int step = 1; step < 32; step *= 2) {
        const int below = __shfl_up_sync(ALL_LANES, sum, step);
        sum += lane >= step ? below : 0;
    }
    if (lane == 31) {
        scratch[warp] = sum;
    }
    __syncthreads();
    int before = 0;
    total = 0;
    for (int w = 0; w < warps; ++w) {
        before += w < warp ? scratch[w] : 0;
        total += scratch[w];
    }
    __syncthreads();
    return before + sum - value;
}

// Rows to work on: those the host knows of, and no more than a kernel before this one counted.
__device__ __forceinline__ int rowsToDo(int rows, const int* counted) {
    return min(rows, *counted);
}
