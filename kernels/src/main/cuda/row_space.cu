// Rank-revealing factorisation of a gradient G (d x m), float64, stopped at the rank.
//
//   fold         s = min(d, m) rows of length d: row place[b] = sum_q signs[q s + b] G[:, q s + b]
//   orthonormal  a block of 32 rows, already outside the basis so far (span_residual.cu, twice): pivoted Gram-Schmidt
//                appends them to the basis, longest rest first, and their lengths / ||fold||_F to the values; when those
//                sink under the noise bound, *active becomes 0 and every later kernel of the queue returns at once
//   eigen        symmetric Gram matrix of the rests of a sample, for the closer look: singular values squared and
//                directions. The rests span 1e-6 to 1e-9 of the gradient, so squaring them costs no digit that counts
//
// Declared: fold 2 d m FLOP, 4 d m + 8 d s bytes. Orthonormal 4 d w^2 FLOP a block of w, 16 d w bytes; with the
// projections 8 d r^2 FLOP in all. d = 768, r = 276: 0.5 GFLOP float64.
//
// Ladder (predicted on an H200; nothing measured yet):
//   orthonormal_0 a thread per row: 32 threads, each walks d alone. 768 * 32 * 2 dependent steps a pivot: 3 ms a block.
//   orthonormal_1 a warp per row, 32 warps: a pivot step reads 196 KB from the first cache twice, about 2 us; 60 us a
//                 block, 0.5 ms at r = 276. One block of threads, because the steps depend on each other and a launch
//                 for each would cost as much.
#include "common/block.cuh"

constexpr int ROW_BLOCK = 32;
constexpr int FOLD_TILE = 32;

// Grid: (s/32) * (d/32) blocks of 32 x 8 threads. partials: one sum of squares a block.
extern "C" __global__ void __launch_bounds__(256)
gradient_fold(const float* __restrict__ gradient, int d, int m, int stride, int s, const float* __restrict__ signs,
              const int* __restrict__ place, double* __restrict__ folded, double* __restrict__ partials) {
    __shared__ double tile[FOLD_TILE][FOLD_TILE + 1];
    __shared__ double scratch[32];
    const int lane = threadIdx.x % 32;
    const int down = threadIdx.x / 32;
    const int across = (s + FOLD_TILE - 1) / FOLD_TILE;
    const int b0 = blockIdx.x % across * FOLD_TILE;
    const int i0 = blockIdx.x / across * FOLD_TILE;
    double squares = 0;
    for (int r = down; r < FOLD_TILE; r += 8) {
        double sum = 0;
        if (i0 + r < d && b0 + lane < s) {
            for (int j = b0 + lane; j < m; j += s) {
                sum += (double)signs[j] * gradient[(size_t)(i0 + r) * stride + j];
            }
        }
        tile[r][lane] = sum;
        squares = fma(sum, sum, squares);
    }
    __syncthreads();
    for (int b = down; b < FOLD_TILE; b += 8) {
        if (b0 + b < s && i0 + lane < d) {
            folded[(size_t)place[b0 + b] * d + i0 + lane] = tile[lane][b];
        }
    }
    squares = blockSum(squares, scratch);
    if (threadIdx.x == 0) {
        partials[blockIdx.x] = squares;
    }
}

// Frobenius norm from the fold's sums of squares; starts the queue, unless the gradient is zero. One block.
extern "C" __global__ void __launch_bounds__(256)
gradient_norm(const double* __restrict__ partials, int n, double* __restrict__ norm, int* __restrict__ active) {
    __shared__ double scratch[32];
    double sum = 0;
    for (int i = threadIdx.x; i < n; i += blockDim.x) {
        sum += partials[i];
    }
    sum = blockSum(sum, scratch);
    if (threadIdx.x == 0) {
        *norm = sqrt(sum);
        *active = sum > 0 ? ROW_BLOCK : 0;
    }
}

// One block of 32 threads. block: width x d, overwritten; basis and values from `first` on are written.
extern "C" __global__ void __launch_bounds__(32)
orthonormal_0(double* block, int width, int d, int pivoted, double* basis, double* values, int first, const double* norm,
              double noise, int* active) {
    __shared__ double squares[ROW_BLOCK];
    const int own = threadIdx.x;
    if (*active == 0) {
        return;
    }
    double square = 0;
    for (int e = 0; own < width && e < d; ++e) {
        square = fma(block[own * d + e], block[own * d + e], square);
    }
    squares[own] = own < width ? square : -1;
    __syncthreads();
    double least = first == 0 ? 1 : values[first - 1];
    for (int step = 0; step < width; ++step) {
        int pivot = pivoted ? 0 : step;
        for (int c = 1; pivoted && c < width; ++c) {
            pivot = squares[c] > squares[pivot] ? c : pivot;
        }
        const double length = sqrt(fmax(squares[pivot], 0.0));
        least = fmin(least, length / *norm);
        double* q = basis + (size_t)(first + step) * d;
        __syncthreads();
        if (own == pivot) {
            squares[pivot] = -1;
            values[first + step] = least;
            for (int e = 0; e < d; ++e) {
                q[e] = length > 0 ? block[pivot * d + e] / length : 0;
            }
        }
        __syncthreads();
        if (length > 0 && squares[own] >= 0) {
            double along = 0;
            for (int e = 0; e < d; ++e) {
                along = fma(block[own * d + e], q[e], along);
            }
            square = 0;
            for (int e = 0; e < d; ++e) {
                const double rest = fma(-along, q[e], block[own * d + e]);
                block[own * d + e] = rest;
                square = fma(rest, rest, square);
            }
            squares[own] = square;
        }
        __syncthreads();
    }
    if (own == 0 && least <= noise) {
        *active = 0;
    }
}

// One block of 32 warps. As orthonormal_0.
extern "C" __global__ void __launch_bounds__(1024, 1)
orthonormal_1(double* block, int width, int d, int pivoted, double* basis, double* values, int first, const double* norm,
              double noise, int* active) {
    __shared__ double squares[ROW_BLOCK];
    const int lane = threadIdx.x % 32;
    const int own = threadIdx.x / 32;
    if (*active == 0) {
        return;
    }
    double* row = block + (size_t)own * d;
    double square = 0;
    for (int e = lane; own < width && e < d; e += 32) {
        square = fma(row[e], row[e], square);
    }
    square = warpSum(square);
    if (lane == 0) {
        squares[own] = own < width ? square : -1;
    }
    __syncthreads();
    double least = first == 0 ? 1 : values[first - 1];
    for (int step = 0; step < width; ++step) {
        int pivot = pivoted ? 0 : step;
        for (int c = 1; pivoted && c < width; ++c) {
            pivot = squares[c] > squares[pivot] ? c : pivot;
        }
        const double length = sqrt(fmax(squares[pivot], 0.0));
        least = fmin(least, length / *norm);
        double* q = basis + (size_t)(first + step) * d;
        for (int e = threadIdx.x; e < d; e += blockDim.x) {
            q[e] = length > 0 ? block[(size_t)pivot * d + e] / length : 0;
        }
        __syncthreads();
        if (threadIdx.x == 0) {
            values[first + step] = least;
        }
        if (own == pivot && lane == 0) {
            squares[pivot] = -1;
        }
        if (length > 0 && own != pivot && own < width && squares[own] >= 0) {
            double along = 0;
            for (int e = lane; e < d; e += 32) {
                along = fma(row[e], q[e], along);
            }
            along = warpSum(along);
            square = 0;
            for (int e = lane; e < d; e += 32) {
                const double rest = fma(-along, q[e], row[e]);
                row[e] = rest;
                square = fma(rest, rest, square);
            }
            square = warpSum(square);
            if (lane == 0) {
                squares[own] = square;
            }
        }
        __syncthreads();
    }
    if (threadIdx.x == 0 && least <= noise) {
        *active = 0;
    }
}

constexpr int EIGEN_MOST = 384;
constexpr int EIGEN_SWEEPS = 30;

// The seat of player `who` in a round: player 0 stays, the others go round, so that in n - 1 rounds all pairs meet.
__device__ __forceinline__ int seated(int who, int round, int n) {
    return who == 0 ? 0 : (who - 1 + round) % (n - 1) + 1;
}

// Cyclic Jacobi on a symmetric matrix (n x n, n <= 384), which ends diagonal; rows of `vectors` (n x n) are the
// eigenvectors. One block. Pairs of a round touch no row in common, so rotations of rows, then of columns, need two
// barriers. Stops when no rotation of a sweep exceeds 1e-15 of the diagonal.
extern "C" __global__ void __launch_bounds__(512, 1)
symmetric_eigen(double* matrix, int n, double* vectors) {
    __shared__ double cosine[EIGEN_MOST / 2];
    __shared__ double sine[EIGEN_MOST / 2];
    __shared__ int turned;
    const int even = n + n % 2;
    for (int i = threadIdx.x; i < n * n; i += blockDim.x) {
        vectors[i] = i / n == i % n ? 1 : 0;
    }
    for (int sweep = 0; sweep < EIGEN_SWEEPS; ++sweep) {
        if (threadIdx.x == 0) {
            turned = 0;
        }
        __syncthreads();
        for (int round = 0; round < even - 1; ++round) {
            for (int i = threadIdx.x; i < even / 2; i += blockDim.x) {
                const int p = seated(i, round, even);
                const int q = seated(even - 1 - i, round, even);
                double c = 1;
                double s = 0;
                if (p < n && q < n) {
                    const double off = matrix[(size_t)p * n + q];
                    const double a = matrix[(size_t)p * n + p];
                    const double b = matrix[(size_t)q * n + q];
                    if (fabs(off) > 1e-15 * sqrt(fabs(a * b)) && off != 0) {
                        const double theta = (b - a) / (2 * off);
                        const double t = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(fma(theta, theta, 1.0)));
                        c = 1 / sqrt(fma(t, t, 1.0));
                        s = t * c;
                        atomicAdd(&turned, 1);
                    }
                }
                cosine[i] = c;
                sine[i] = s;
            }
            __syncthreads();
            for (int work = threadIdx.x; work < even / 2 * n; work += blockDim.x) {
                const int i = work / n;
                const int column = work % n;
                const int p = seated(i, round, even);
                const int q = seated(even - 1 - i, round, even);
                if (sine[i] != 0) {
                    const double c = cosine[i];
                    const double s = sine[i];
                    const double mp = matrix[(size_t)p * n + column];
                    const double mq = matrix[(size_t)q * n + column];
                    matrix[(size_t)p * n + column] = c * mp - s * mq;
                    matrix[(size_t)q * n + column] = s * mp + c * mq;
                    const double vp = vectors[(size_t)p * n + column];
                    const double vq = vectors[(size_t)q * n + column];
                    vectors[(size_t)p * n + column] = c * vp - s * vq;
                    vectors[(size_t)q * n + column] = s * vp + c * vq;
                }
            }
            __syncthreads();
            for (int work = threadIdx.x; work < even / 2 * n; work += blockDim.x) {
                const int i = work % (even / 2);
                const int row = work / (even / 2);
                const int p = seated(i, round, even);
                const int q = seated(even - 1 - i, round, even);
                if (sine[i] != 0) {
                    const double mp = matrix[(size_t)row * n + p];
                    const double mq = matrix[(size_t)row * n + q];
                    matrix[(size_t)row * n + p] = cosine[i] * mp - sine[i] * mq;
                    matrix[(size_t)row * n + q] = sine[i] * mp + cosine[i] * mq;
                }
            }
            __syncthreads();
        }
        const int again = turned;
        __syncthreads();
        if (again == 0) {
            return;
        }
    }
}
