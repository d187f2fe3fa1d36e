// Kernels that only the driver's own tests launch: every feature of the stand-in once.
#include "common/portable.cuh"

// One of each kind of parameter.
extern "C" __global__ void parameters(double* out, int i, long long l, float f, double d)
{
    if (threadIdx.x == 0) out[blockIdx.x] = d + f + i + l;
}

// Sum of n floats by warps, shared memory and one atomic a block; n need not fill the grid.
extern "C" __global__ void __launch_bounds__(256)
block_sum(const float* __restrict__ values, int n, float* __restrict__ sum, int* __restrict__ positive)
{
    __shared__ float warps[8];
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    const float value = i < n ? __ldg(values + i) : 0.f;
    float part = value;
    for (int o = 16; o > 0; o >>= 1) part += __shfl_xor_sync(0xffffffffu, part, o);
    const unsigned vote = __ballot_sync(0xffffffffu, value > 0);
    if (threadIdx.x % 32 == 0) {
        warps[threadIdx.x / 32] = part;
        atomicAdd(positive, __popc(vote));
    }
    __syncthreads();
    if (threadIdx.x < 8) {
        part = warps[threadIdx.x];
        for (int o = 4; o > 0; o >>= 1) part += __shfl_down_sync(0xffu, part, o, 8);
        if (threadIdx.x == 0) atomicAdd(sum, part);
    }
}

// Reverses tiles of blockDim.x through dynamic shared memory.
extern "C" __global__ void reverse_tiles(float* values)
{
    DYNAMIC_SHARED(float, tile);
    tile[threadIdx.x] = values[blockIdx.x * blockDim.x + threadIdx.x];
    __syncthreads();
    values[blockIdx.x * blockDim.x + threadIdx.x] = tile[blockDim.x - 1 - threadIdx.x];
}

// Planted fault: the barrier of reverse_tiles is missing.
extern "C" __global__ void fault_no_barrier(float* values)
{
    DYNAMIC_SHARED(float, tile);
    tile[threadIdx.x] = values[blockIdx.x * blockDim.x + threadIdx.x];
    values[blockIdx.x * blockDim.x + threadIdx.x] = tile[blockDim.x - 1 - threadIdx.x];
}

// Swaps neighbours: a warp's barrier is enough.
extern "C" __global__ void swap_neighbours(float* values)
{
    DYNAMIC_SHARED(float, tile);
    tile[threadIdx.x] = values[blockIdx.x * blockDim.x + threadIdx.x];
    __syncwarp();
    values[blockIdx.x * blockDim.x + threadIdx.x] = tile[threadIdx.x ^ 1];
}

// Planted fault: the barrier of swap_neighbours is missing.
extern "C" __global__ void fault_no_warp_barrier(float* values)
{
    DYNAMIC_SHARED(float, tile);
    tile[threadIdx.x] = values[blockIdx.x * blockDim.x + threadIdx.x];
    values[blockIdx.x * blockDim.x + threadIdx.x] = tile[threadIdx.x ^ 1];
}

// Planted fault: a warp's barrier where reverse_tiles needs the block's.
extern "C" __global__ void fault_warp_barrier_only(float* values)
{
    DYNAMIC_SHARED(float, tile);
    tile[threadIdx.x] = values[blockIdx.x * blockDim.x + threadIdx.x];
    __syncwarp();
    values[blockIdx.x * blockDim.x + threadIdx.x] = tile[blockDim.x - 1 - threadIdx.x];
}

// Planted fault: two halves of a warp each wait for themselves, and read the other's.
extern "C" __global__ void fault_half_warp_barrier(float* values)
{
    DYNAMIC_SHARED(float, tile);
    tile[threadIdx.x] = values[blockIdx.x * blockDim.x + threadIdx.x];
    __syncwarp(threadIdx.x % 2 == 0 ? 0x55555555u : 0xaaaaaaaau);
    values[blockIdx.x * blockDim.x + threadIdx.x] = tile[threadIdx.x ^ 1];
}

// Planted fault: writes one float behind its memory.
extern "C" __global__ void fault_out_of_bounds(float* values, int n)
{
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i <= n) values[i] = (float)i;
}

// Planted fault: half of a block never comes to the barrier.
extern "C" __global__ void fault_divergent_barrier(float* values)
{
    if (threadIdx.x < blockDim.x / 2) __syncthreads();
    values[threadIdx.x] = 1.f;
}

// Shared memory that nobody wrote.
extern "C" __global__ void read_unwritten(float* out)
{
    __shared__ float never[64];
    DYNAMIC_SHARED(float, neither);
    if (threadIdx.x == 0) out[blockIdx.x] = never[blockIdx.x] + neither[0];
    __syncthreads();
    never[threadIdx.x % 64] = 1.f;
    neither[0] = 1.f;
}
