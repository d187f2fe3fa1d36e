// Which atoms of a dictionary carry a vector: the steps of SupportRecovery, float64.
//
//   atoms      E x m x q: an atom's entries in a system are contiguous
//   y          right-hand sides, rows of q; starts: P + 1 first rows of the problems, E c rows each
//   weights    P x m;  active: P x m, atoms that still have weight, in order;  counts: P, how many
//   partial    P x E x m: squares of an atom's coefficients in one system;  norms: P x m, their sums
//   share      of the trace, added to the diagonal: ridge / q
//   gram       P x E x q x q: room for the matrices of rung 0, and of rung 1 where q > 65
//   A step is two launches: a block for each problem and system solves, a block for each problem weighs anew.
//
// Declared for a step of a problem: E (q q a + q^3/3 + 2 c (q q + q a)) FLOP for a active atoms, 8 E q a bytes.
// bert-base, 32 x 16 (m = 290, q = 65, E = 24): 29 MFLOP and 3.6 MB at first, 7 MFLOP and 0.4 MB at a = 32.
//
// Ladder (predicted on an H200; nothing measured yet), two problems, 20 steps:
//   _0 all atoms in every step, a thread an entry of the matrix, which stays in the second cache. 2 loads a multiply-add
//      and 130 barriers of the factorisation over memory: about 100 us a step, 2 ms.
//   _1 atoms without weight leave the lists; 3 x 3 entries a thread from a chunk of 8 atoms in shared memory: 6 shared
//      loads for 9 multiply-adds and 3 products; matrix and solution in shared memory. 12 us for the matrix of all atoms, 15 us for
//      factor and solve (195 barriers), 2 launches: 30 us a step, 0.6 ms. 48 blocks of 132 processors: twice the problems
//      take the same time.
#include "common/block.cuh"

constexpr int SUPPORT_THREADS = 256;
constexpr int SUPPORT_Q = 160;        // most equations
constexpr int SUPPORT_SHARED_Q = 65;  // heads of 64 and their one equation more: 34 KB
constexpr int SUPPORT_CHUNK = 8;
constexpr int SUPPORT_TILE = 3;

// g + share tr(g) on the diagonal. scratch: 32 values.
__device__ __forceinline__ void addRidge(double* g, int q, double share, double* scratch) {
    double trace = 0;
    for (int i = threadIdx.x; i < q; i += SUPPORT_THREADS) {
        trace += g[(size_t)i * q + i];
    }
    trace = blockSum(trace, scratch);
    for (int i = threadIdx.x; i < q; i += SUPPORT_THREADS) {
        g[(size_t)i * q + i] += share * trace;
    }
    __syncthreads();
}

// Lower Cholesky factor in place, column by column, with the inverse of its diagonal.
__device__ __forceinline__ void factor(double* g, int q) {
    for (int k = 0; k < q; ++k) {
        const double inverse = rsqrt(g[(size_t)k * q + k]);
        __syncthreads();
        for (int i = k + threadIdx.x; i < q; i += SUPPORT_THREADS) {
            g[(size_t)i * q + k] = i == k ? inverse : g[(size_t)i * q + k] * inverse;
        }
        __syncthreads();
        const int rest = q - k - 1;
        for (int at = threadIdx.x; at < rest * rest; at += SUPPORT_THREADS) {
            const int i = k + 1 + at / rest;
            const int j = k + 1 + at % rest;
            if (j <= i) {
                g[(size_t)i * q + j] -= g[(size_t)i * q + k] * g[(size_t)j * q + k];
            }
        }
        __syncthreads();
    }
}

// z <- (L L^T)^-1 z.
__device__ __forceinline__ void solve(const double* g, int q, double* z) {
    for (int k = 0; k < q; ++k) {
        const double value = z[k] * g[(size_t)k * q + k];
        __syncthreads();
        for (int i = k + threadIdx.x; i < q; i += SUPPORT_THREADS) {
            z[i] = i == k ? value : z[i] - g[(size_t)i * q + k] * value;
        }
        __syncthreads();
    }
    for (int k = q - 1; k >= 0; --k) {
        const double value = z[k] * g[(size_t)k * q + k];
        __syncthreads();
        for (int i = threadIdx.x; i <= k; i += SUPPORT_THREADS) {
            z[i] = i == k ? value : z[i] - g[(size_t)k * q + i] * value;
        }
        __syncthreads();
    }
}

// Squares of the coefficients w (d . z), summed over the right-hand sides; a warp an atom.
__device__ __forceinline__ void addCoefficients(const double* d, int q, const double* w, const int* list, int n, const double* g,
                                                const double* y, int columns, double* z, double* partial) {
    for (int c = 0; c < columns; ++c) {
        for (int i = threadIdx.x; i < q; i += SUPPORT_THREADS) {
            z[i] = y[(size_t)c * q + i];
        }
        __syncthreads();
        solve(g, q, z);
        for (int at = threadIdx.x / 32; at < n; at += SUPPORT_THREADS / 32) {
            const int atom = list[at];
            double x = 0;
            for (int i = threadIdx.x % 32; i < q; i += 32) {
                x = fma(d[(size_t)atom * q + i], z[i], x);
            }
            x = w[atom] * warpSum(x);
            if (threadIdx.x % 32 == 0) {
                partial[atom] = (c == 0 ? 0 : partial[atom]) + x * x;
            }
        }
        __syncthreads();
    }
}

extern "C" __global__ void __launch_bounds__(256, 2)
support_solve_0(const double* __restrict__ atoms, int systems, int q, int m, const double* __restrict__ y, const int* __restrict__ starts,
                const double* __restrict__ weights, const int* __restrict__ active, const int* __restrict__ counts, double share,
                double* gram, double* partial) {
    __shared__ double scratch[32];
    __shared__ double z[SUPPORT_Q];
    const int p = blockIdx.x / systems;
    const int e = blockIdx.x % systems;
    const int columns = (starts[p + 1] - starts[p]) / systems;
    const double* d = atoms + (size_t)e * m * q;
    const double* w = weights + (size_t)p * m;
    const int* list = active + (size_t)p * m;
    double* g = gram + (size_t)blockIdx.x * q * q;
    for (int at = threadIdx.x; at < q * q; at += SUPPORT_THREADS) {
        double sum = 0;
        for (int a = 0; a < counts[p]; ++a) {
            const double* atom = d + (size_t)list[a] * q;
            sum += atom[at / q] * w[list[a]] * atom[at % q];
        }
        g[at] = sum;
    }
    __syncthreads();
    addRidge(g, q, share, scratch);
    factor(g, q);
    addCoefficients(d, q, w, list, counts[p], g, y + ((size_t)starts[p] + (size_t)e * columns) * q, columns, z,
                    partial + (size_t)blockIdx.x * m);
}

// Lower triangle of D W D^T.
__device__ __forceinline__ void tiledGram(const double* d, int q, const double* w, const int* list, int n,
                                          double (*chunk)[SUPPORT_Q + SUPPORT_TILE], double* weight, double* g) {
    const int side = (q + SUPPORT_TILE - 1) / SUPPORT_TILE;
    const int padded = side * SUPPORT_TILE;
    for (int base = 0; base < side * (side + 1) / 2; base += SUPPORT_THREADS) {
        int row = 0;
        int column = base + threadIdx.x;
        while (column > row) {
            column -= ++row;
        }
        const bool mine = row < side;
        double sum[SUPPORT_TILE][SUPPORT_TILE] = {};
        for (int from = 0; from < n; from += SUPPORT_CHUNK) {
            for (int at = threadIdx.x; at < SUPPORT_CHUNK * padded; at += SUPPORT_THREADS) {
                const int a = from + at / padded;
                const int i = at % padded;
                chunk[at / padded][i] = a < n && i < q ? d[(size_t)list[a] * q + i] : 0;
            }
            if (threadIdx.x < SUPPORT_CHUNK) {
                const int a = from + (int)threadIdx.x;
                weight[threadIdx.x] = a < n ? w[list[a]] : 0;
            }
            __syncthreads();
            if (mine) {
#pragma unroll
                for (int a = 0; a < SUPPORT_CHUNK; ++a) {
#pragma unroll
                    for (int i = 0; i < SUPPORT_TILE; ++i) {
                        const double left = chunk[a][row * SUPPORT_TILE + i] * weight[a];
#pragma unroll
                        for (int j = 0; j < SUPPORT_TILE; ++j) {
                            sum[i][j] = fma(left, chunk[a][column * SUPPORT_TILE + j], sum[i][j]);
                        }
                    }
                }
            }
            __syncthreads();
        }
        if (mine) {
#pragma unroll
            for (int i = 0; i < SUPPORT_TILE; ++i) {
#pragma unroll
                for (int j = 0; j < SUPPORT_TILE; ++j) {
                    const int r = row * SUPPORT_TILE + i;
                    const int c = column * SUPPORT_TILE + j;
                    if (r < q && c <= r) {
                        g[(size_t)r * q + c] = sum[i][j];
                    }
                }
            }
        }
    }
    __syncthreads();
}

extern "C" __global__ void __launch_bounds__(256)
support_solve_1(const double* __restrict__ atoms, int systems, int q, int m, const double* __restrict__ y, const int* __restrict__ starts,
                const double* __restrict__ weights, const int* __restrict__ active, const int* __restrict__ counts, double share,
                double* gram, double* partial) {
    __shared__ double scratch[32];
    __shared__ double z[SUPPORT_Q];
    __shared__ double chunk[SUPPORT_CHUNK][SUPPORT_Q + SUPPORT_TILE];
    __shared__ double weight[SUPPORT_CHUNK];
    __shared__ double near[SUPPORT_SHARED_Q * SUPPORT_SHARED_Q];
    const int p = blockIdx.x / systems;
    const int e = blockIdx.x % systems;
    const int n = counts[p];
    const int columns = (starts[p + 1] - starts[p]) / systems;
    const double* d = atoms + (size_t)e * m * q;
    const double* w = weights + (size_t)p * m;
    const int* list = active + (size_t)p * m;
    double* g = q <= SUPPORT_SHARED_Q ? near : gram + (size_t)blockIdx.x * q * q;
    tiledGram(d, q, w, list, n, chunk, weight, g);
    addRidge(g, q, share, scratch);
    factor(g, q);
    addCoefficients(d, q, w, list, n, g, y + ((size_t)starts[p] + (size_t)e * columns) * q, columns, z,
                    partial + (size_t)blockIdx.x * m);
}

// norms <- sums of partial over the systems; weights <- ((norms / largest + epsilon) / (1 + epsilon))^exponent; atoms at the
// floor leave the list, and their norms are 0. A block a problem. Declared: E a FLOP, 8 E a bytes.
extern "C" __global__ void __launch_bounds__(256)
support_reweigh(int systems, int m, const double* __restrict__ partial, double exponent, double epsilon, double floor,
                double* __restrict__ norms, double* __restrict__ weights, int* __restrict__ active, int* __restrict__ counts) {
    __shared__ double most[SUPPORT_THREADS / 32];
    __shared__ int scratch[32];
    const int p = blockIdx.x;
    const int n = counts[p];
    int* list = active + (size_t)p * m;
    double largest = 0;
    for (int at = threadIdx.x; at < n; at += SUPPORT_THREADS) {
        double sum = 0;
        for (int e = 0; e < systems; ++e) {
            sum += partial[((size_t)p * systems + e) * m + list[at]];
        }
        norms[(size_t)p * m + list[at]] = sum;
        largest = fmax(largest, sum);
    }
#pragma unroll
    for (int step = 16; step > 0; step /= 2) {
        largest = fmax(largest, __shfl_xor_sync(ALL_LANES, largest, step));
    }
    if (threadIdx.x % 32 == 0) {
        most[threadIdx.x / 32] = largest;
    }
    __syncthreads();
    largest = 0;
    for (int warp = 0; warp < SUPPORT_THREADS / 32; ++warp) {
        largest = fmax(largest, most[warp]);
    }
    if (!(largest > 0)) {
        return;
    }
    int kept = 0;
    for (int from = 0; from < n; from += SUPPORT_THREADS) {
        const int at = from + threadIdx.x;
        const int atom = at < n ? list[at] : 0;
        bool stays = false;
        if (at < n) {
            const double norm = norms[(size_t)p * m + atom];
            const double weight = pow((norm / largest + epsilon) / (1 + epsilon), exponent);
            stays = weight > floor;
            weights[(size_t)p * m + atom] = weight;
            norms[(size_t)p * m + atom] = stays ? norm : 0;
        }
        int total;
        const int before = blockScan(stays ? 1 : 0, scratch, total);
        // Not ahead of what is still to be read: at most as many stay as were read.
        if (stays) {
            list[kept + before] = atom;
        }
        kept += total;
        __syncthreads();
    }
    if (threadIdx.x == 0) {
        counts[p] = kept;
    }
}
