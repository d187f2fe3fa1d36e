// What a device can do at most, for the roofs every kernel is held against.
#include "common/portable.cuh"

// Copies `count` float4, each once: 32·count bytes of traffic.
extern "C" __global__ void __launch_bounds__(256)
roof_copy(const float4* __restrict__ source, float4* __restrict__ target, long long count)
{
    const long long stride = (long long)gridDim.x * blockDim.x;
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < count; i += stride) target[i] = __ldg(source + i);
}

// 8 independent sums x <- x·y + z a thread: 16·rounds FLOP. y below 1 keeps them finite and normal.
extern "C" __global__ void __launch_bounds__(256)
roof_fma(float* __restrict__ sums, int rounds)
{
    const int thread = blockIdx.x * blockDim.x + threadIdx.x;
    const float y = 0.999f, z = 0.001f * (float)(thread % 7 + 1);
    float x[8];
    #pragma unroll
    for (int i = 0; i < 8; ++i) x[i] = z + (float)i;
    #pragma unroll 4
    for (int round = 0; round < rounds; ++round) {
        #pragma unroll
        for (int i = 0; i < 8; ++i) x[i] = fmaf(x[i], y, z);
    }
    sums[thread] = ((x[0] + x[1]) + (x[2] + x[3])) + ((x[4] + x[5]) + (x[6] + x[7]));
}
