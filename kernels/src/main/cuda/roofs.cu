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

// The same in double precision.
extern "C" __global__ void __launch_bounds__(256)
roof_fma_double(double* __restrict__ sums, int rounds)
{
    const int thread = blockIdx.x * blockDim.x + threadIdx.x;
    const double y = 0.999, z = 0.001 * (double)(thread % 7 + 1);
    double x[8];
    #pragma unroll
    for (int i = 0; i < 8; ++i) x[i] = z + (double)i;
    #pragma unroll 4
    for (int round = 0; round < rounds; ++round) {
        #pragma unroll
        for (int i = 0; i < 8; ++i) x[i] = fma(x[i], y, z);
    }
    sums[thread] = ((x[0] + x[1]) + (x[2] + x[3])) + ((x[4] + x[5]) + (x[6] + x[7]));
}

// Keeps the stream busy until the host sets *released, or for `patience` nanoseconds: what is launched behind it starts
// without the latency of its launch.
extern "C" __global__ void roof_hold(const volatile int* released, unsigned long long patience)
{
    const unsigned long long start = global_timer();
    while (*released == 0 && global_timer() - start < patience) {}
}

// Cycles and nanoseconds that pass while one thread waits at least `nanoseconds`: their ratio is the clock.
extern "C" __global__ void roof_clock(long long* passed, unsigned long long nanoseconds)
{
    const unsigned long long start = global_timer();
    const long long cycles = clock64();
    while (global_timer() - start < nanoseconds) {}
    passed[0] = clock64() - cycles;
    passed[1] = (long long)(global_timer() - start);
}
