// What kernels need beyond CUDA C so that g++ compiles them too, for the tests' stand-in (src/test/cuda/cuda_on_host.h).
#pragma once

#ifdef __CUDACC__
// Dynamic shared memory of the launch, 16-byte aligned, as an array of `type`.
#define DYNAMIC_SHARED(type, name)                                            \
    extern __shared__ __align__(16) unsigned char dynamic_shared_memory[];    \
    type* const name = reinterpret_cast<type*>(dynamic_shared_memory)

// Nanoseconds of the device's global timer.
static __device__ __forceinline__ unsigned long long global_timer() {
    unsigned long long now;
    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
    return now;
}
#else
#include "cuda_on_host.h"

#define DYNAMIC_SHARED(type, name) type* const name = reinterpret_cast<type*>(stand_in::block->dynamic_shared)

inline unsigned long long global_timer() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}
#endif
