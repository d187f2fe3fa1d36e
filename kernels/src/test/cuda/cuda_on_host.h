// The CUDA C dialect for g++: what kernels/src/main/cuda uses of it, on the fibers of fiber_block.h.
#pragma once
#include <algorithm>
#include <chrono>
#include <cmath>
#include <type_traits>

#include "fiber_block.h"

// ---- qualifiers --------------------------------------------------------------------------------------------------

#define __global__
#define __device__
#define __host__
#define __constant__ static
#define __align__(bytes) __attribute__((aligned(bytes)))
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
// Blocks run on several CPU threads, each with its own shared memory. Sanitizers see plain statics better, so there is one
// CPU thread under them.
#if defined(STAND_IN_SANITIZED)
#define __shared__ static
#else
#define __shared__ static thread_local
#endif

#define threadIdx (stand_in::block->current->thread)
#define blockIdx (stand_in::block->index)
#define blockDim (stand_in::block->size)
#define gridDim (stand_in::block->grid)
#define warpSize 32

// ---- types -------------------------------------------------------------------------------------------------------

using dim3 = stand_in::Dim;
#define STAND_IN_VECTOR(type, scalar)                                                                         \
    struct alignas(2 * sizeof(scalar)) type##2 { scalar x, y; };                                              \
    struct type##3 { scalar x, y, z; };                                                                       \
    struct alignas(4 * sizeof(scalar) > 16 ? 16 : 4 * sizeof(scalar)) type##4 { scalar x, y, z, w; };         \
    inline type##2 make_##type##2(scalar x, scalar y) { return {x, y}; }                                      \
    inline type##3 make_##type##3(scalar x, scalar y, scalar z) { return {x, y, z}; }                         \
    inline type##4 make_##type##4(scalar x, scalar y, scalar z, scalar w) { return {x, y, z, w}; }
STAND_IN_VECTOR(uchar, unsigned char)
STAND_IN_VECTOR(short, short)
STAND_IN_VECTOR(ushort, unsigned short)
STAND_IN_VECTOR(int, int)
STAND_IN_VECTOR(uint, unsigned)
STAND_IN_VECTOR(longlong, long long)
STAND_IN_VECTOR(ulonglong, unsigned long long)
STAND_IN_VECTOR(float, float)
STAND_IN_VECTOR(double, double)
#undef STAND_IN_VECTOR

// ---- barriers and warps ------------------------------------------------------------------------------------------

#define STAND_IN_TEXT2(x) #x
#define STAND_IN_TEXT(x) STAND_IN_TEXT2(x)
#define STAND_IN_SITE __FILE__ ":" STAND_IN_TEXT(__LINE__)
#define __syncthreads() ((void)stand_in::barrier(STAND_IN_SITE, false))
#define __syncthreads_count(p) (int(stand_in::barrier(STAND_IN_SITE, (p) != 0)))
#define __syncthreads_or(p) (int(stand_in::barrier(STAND_IN_SITE, (p) != 0) != 0))
#define __syncthreads_and(p) (int(stand_in::barrier(STAND_IN_SITE, (p) != 0) == stand_in::block->threads))

namespace stand_in {
inline unsigned lane() { return block->current->linear % WARP; }

template <typename T>
T shuffle(unsigned mask, T value, unsigned source) {
    static_assert(sizeof(T) <= sizeof(uint64_t), "shuffles carry at most eight bytes");
    uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof(T));
    bits = exchange(mask, bits, source, false)->received;
    T result;
    std::memcpy(&result, &bits, sizeof(T));
    return result;
}

inline unsigned ballot(unsigned mask, bool predicate) { return exchange(mask, 0, lane(), predicate)->ballot; }

template <typename To, typename From>
To bits(From from) {
    static_assert(sizeof(To) == sizeof(From), "same size");
    To to;
    std::memcpy(&to, &from, sizeof(To));
    return to;
}

template <typename T, typename F>
T atomic_update(T* address, F next) {
    using Bits = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;
    Bits* cell = reinterpret_cast<Bits*>(address);
    Bits seen = __atomic_load_n(cell, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(cell, &seen, bits<Bits>(T(next(bits<T>(seen)))), true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
    return bits<T>(seen);
}
}  // namespace stand_in

inline void __syncwarp(unsigned mask = 0xffffffffu) { stand_in::exchange(mask, 0, stand_in::lane(), false); }
template <typename T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32) {
    return stand_in::shuffle(mask, value, (stand_in::lane() & ~(width - 1u)) | (unsigned(source) & (width - 1u)));
}
template <typename T>
T __shfl_xor_sync(unsigned mask, T value, int flipped, int width = 32) {
    unsigned lane = stand_in::lane(), source = lane ^ unsigned(flipped);
    return stand_in::shuffle(mask, value, source / width == lane / width ? source : lane);
}
template <typename T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32) {
    unsigned lane = stand_in::lane(), source = lane + delta;
    return stand_in::shuffle(mask, value, source / width == lane / width ? source : lane);
}
template <typename T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32) {
    unsigned lane = stand_in::lane();
    return stand_in::shuffle(mask, value, lane % width >= delta ? lane - delta : lane);
}
inline unsigned __ballot_sync(unsigned mask, int predicate) { return stand_in::ballot(mask, predicate != 0); }
inline int __any_sync(unsigned mask, int predicate) { return stand_in::ballot(mask, predicate != 0) != 0; }
inline int __all_sync(unsigned mask, int predicate) { return stand_in::ballot(mask, predicate == 0) == 0; }

// ---- atomics and fences ------------------------------------------------------------------------------------------

template <typename T>
T atomicAdd(T* address, std::common_type_t<T> value) {
    return stand_in::atomic_update(address, [=](T old) { return old + value; });
}
template <typename T>
T atomicSub(T* address, std::common_type_t<T> value) {
    return stand_in::atomic_update(address, [=](T old) { return old - value; });
}
template <typename T>
T atomicMax(T* address, std::common_type_t<T> value) {
    return stand_in::atomic_update(address, [=](T old) { return old < value ? value : old; });
}
template <typename T>
T atomicMin(T* address, std::common_type_t<T> value) {
    return stand_in::atomic_update(address, [=](T old) { return value < old ? value : old; });
}
template <typename T>
T atomicOr(T* address, std::common_type_t<T> value) {
    return stand_in::atomic_update(address, [=](T old) { return old | value; });
}
template <typename T>
T atomicAnd(T* address, std::common_type_t<T> value) {
    return stand_in::atomic_update(address, [=](T old) { return old & value; });
}
template <typename T>
T atomicExch(T* address, std::common_type_t<T> value) {
    return stand_in::atomic_update(address, [=](T) { return value; });
}
template <typename T>
T atomicCAS(T* address, std::common_type_t<T> expected, std::common_type_t<T> value) {
    return stand_in::atomic_update(address, [=](T old) { return old == expected ? value : old; });
}
inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
inline void __threadfence_block() {}
inline void __nanosleep(unsigned) {}

// ---- memory and arithmetic ---------------------------------------------------------------------------------------

template <typename T> T __ldg(const T* address) { return *address; }
template <typename T> T __ldcs(const T* address) { return *address; }
template <typename T> T __ldcg(const T* address) { return *address; }
template <typename T> void __stcs(T* address, T value) { *address = value; }
template <typename T> void __stcg(T* address, T value) { *address = value; }

inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline int __clz(int x) { return x ? __builtin_clz(unsigned(x)) : 32; }
inline int __clzll(long long x) { return x ? __builtin_clzll((unsigned long long)x) : 64; }
inline unsigned __float_as_uint(float x) { return stand_in::bits<unsigned>(x); }
inline int __float_as_int(float x) { return stand_in::bits<int>(x); }
inline float __uint_as_float(unsigned x) { return stand_in::bits<float>(x); }
inline float __int_as_float(int x) { return stand_in::bits<float>(x); }
inline long long __double_as_longlong(double x) { return stand_in::bits<long long>(x); }
inline double __longlong_as_double(long long x) { return stand_in::bits<double>(x); }
inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
inline double rsqrt(double x) { return 1.0 / sqrt(x); }
inline float __frsqrt_rn(float x) { return float(1.0 / sqrt(double(x))); }
inline float __fsqrt_rn(float x) { return sqrtf(x); }
inline float __frcp_rn(float x) { return 1.0f / x; }
inline float __fdividef(float x, float y) { return x / y; }
inline float __fmaf_rn(float x, float y, float z) { return fmaf(x, y, z); }
inline float __fadd_rn(float x, float y) { return x + y; }
inline float __fmul_rn(float x, float y) { return x * y; }
inline double __fma_rn(double x, double y, double z) { return fma(x, y, z); }
inline double __dadd_rn(double x, double y) { return x + y; }
inline double __dmul_rn(double x, double y) { return x * y; }
inline double __dsqrt_rn(double x) { return sqrt(x); }
inline float __expf(float x) { return expf(x); }
inline float __logf(float x) { return logf(x); }
inline float __saturatef(float x) { return x > 0 ? (x < 1 ? x : 1) : 0; }
using std::isfinite;
using std::isinf;
using std::max;
using std::min;

inline long long clock64() { return std::chrono::steady_clock::now().time_since_epoch().count(); }
