// The decoder search's step: p live prefixes and the empty one, each extended by T candidate tokens at position i.
//
//   x = ||sum_h sum_j w_{h,j} N_h^T v_{h,j}|| / sqrt(sum_h (sum_j w_{h,j} ||v_{h,j}||)^2),  w = softmax(q k / sqrt(d/H))
//
// A query is (a_t + b_i)/sigma + c, so its score against a cached key n is (a_t n + b_i n)/sigma + c n: a_t n is taken
// once a key for all tokens, and only k numbers of a value enter the test. Accepted tokens are nodes; prefixes are paths
// of nodes and share them. Tokens lie side by side in memory (in the lanes), padded to `width`.
//
//   paths          p x most nodes; lengths: p
//   nodes          keys, values: n x d float64 | tokenScores: n x H x width | positionScores, constantScores, norms:
//                  n x H | sketches: n x H x columns (a multiple of 8)
//   own terms      of candidate c at i: ownInverse T | ownScores, ownNorms H x T | ownSketches (H columns) x T
//   x              (p + 1) x T; row 0 is the empty prefix
//
// Declared, a step over p prefixes of length i: 2 p T d FLOP for new keys' scores, then (p+1) T (i+1) H (4 + 8 + 2 (k+1))
// FLOP; 4 p T H (i + 2) + 4 T (d + H k) bytes. gpt2 at B = 32, T = 255, i = 20: 77 MFLOP, 2 us of the float32 rate, and
// 9 MB, mostly in the second cache: 3 us. What remains are 11 launches, about 30 us a position.
//
// Ladder (predicted on an H200; nothing measured yet):
//   prefix_test_0 a thread per pair walks all heads: 263 warps at 32 x 20 leave half of the processors idle; 60 us.
//   prefix_test_1 a thread per pair and two heads, heads in the warps of a block: 6 times the threads, sums over heads
//                 through shared memory; 10 us.
#include "common/block.cuh"

constexpr int TEST_COLUMNS = 8;
constexpr int TEST_MOST_WARPS = 8;

// What a test reads; one argument of a device function, not of a kernel.
struct Pair {
    const int* path;
    int length;
    int token;
    int candidate;
    int candidates;
};

__device__ __forceinline__ float nodeScore(int node, int h, const Pair& pair, float inverse,
                                           const float* __restrict__ tokenScores, int width,
                                           const float* __restrict__ positionScores,
                                           const float* __restrict__ constantScores, int heads) {
    const size_t at = (size_t)node * heads + h;
    return fmaf(tokenScores[at * width + pair.token] + positionScores[at], inverse, constantScores[at]);
}

// Adds head h's share of columns c .. c+7 to the totals, and its squared norm bound to the scale.
__device__ __forceinline__ void addHead(int h, int c, const Pair& pair, const float* __restrict__ tokenScores, int width,
                                        const float* __restrict__ positionScores,
                                        const float* __restrict__ constantScores, const float* __restrict__ norms,
                                        const float* __restrict__ sketches, const float* __restrict__ ownInverse,
                                        const float* __restrict__ ownScores, const float* __restrict__ ownNorms,
                                        const float* __restrict__ ownSketches, int heads, int columns, float* total,
                                        float& scale) {
    const float inverse = ownInverse[pair.candidate];
    const size_t own = (size_t)h * pair.candidates + pair.candidate;
    const float ownScore = ownScores[own];
    float largest = ownScore;
#pragma unroll 2
    for (int j = 0; j < pair.length; ++j) {
        largest = fmaxf(largest, nodeScore(pair.path[j], h, pair, inverse, tokenScores, width, positionScores,
                                           constantScores, heads));
    }
    float weight = expf(ownScore - largest);
    float sum = weight;
    float norm = weight * ownNorms[own];
    float mix[TEST_COLUMNS];
#pragma unroll
    for (int q = 0; q < TEST_COLUMNS; ++q) {
        mix[q] = weight * ownSketches[((size_t)h * columns + c + q) * pair.candidates + pair.candidate];
    }
#pragma unroll 2
    for (int j = 0; j < pair.length; ++j) {
        const int node = pair.path[j];
        const size_t at = (size_t)node * heads + h;
        weight = expf(nodeScore(node, h, pair, inverse, tokenScores, width, positionScores, constantScores, heads) -
                      largest);
        sum += weight;
        norm = fmaf(weight, norms[at], norm);
        const float4 s0 = *reinterpret_cast<const float4*>(&sketches[at * columns + c]);
        const float4 s1 = *reinterpret_cast<const float4*>(&sketches[at * columns + c + 4]);
        const float s[TEST_COLUMNS] = {s0.x, s0.y, s0.z, s0.w, s1.x, s1.y, s1.z, s1.w};
#pragma unroll
        for (int q = 0; q < TEST_COLUMNS; ++q) {
            mix[q] = fmaf(weight, s[q], mix[q]);
        }
    }
    const float inverseSum = 1.f / sum;
#pragma unroll
    for (int q = 0; q < TEST_COLUMNS; ++q) {
        total[q] = fmaf(mix[q], inverseSum, total[q]);
    }
    norm *= inverseSum;
    scale = fmaf(norm, norm, scale);
}

extern "C" __global__ void __launch_bounds__(256, 2)
prefix_test_0(const int* __restrict__ paths, const int* __restrict__ lengths, int most, int prefixes,
              const int* __restrict__ candidates, int count, const float* __restrict__ tokenScores, int width,
              const float* __restrict__ positionScores, const float* __restrict__ constantScores,
              const float* __restrict__ norms, const float* __restrict__ sketches, const float* __restrict__ ownInverse,
              const float* __restrict__ ownScores, const float* __restrict__ ownNorms,
              const float* __restrict__ ownSketches, int heads, int columns, float* __restrict__ x) {
    const long long step = (long long)gridDim.x * blockDim.x;
    for (long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x; at < (prefixes + 1LL) * count; at += step) {
        const int prefix = (int)(at / count) - 1;
        const int candidate = (int)(at % count);
        const Pair pair = {prefix < 0 ? paths : paths + (size_t)prefix * most, prefix < 0 ? 0 : lengths[prefix],
                           candidates[candidate], candidate, count};
        float squared = 0.f;
        float bound = 0.f;
        for (int c = 0; c < columns; c += TEST_COLUMNS) {
            float total[TEST_COLUMNS] = {};
            float scale = 0.f;
            for (int h = 0; h < heads; ++h) {
                addHead(h, c, pair, tokenScores, width, positionScores, constantScores, norms, sketches, ownInverse,
                        ownScores, ownNorms, ownSketches, heads, columns, total, scale);
            }
#pragma unroll
            for (int q = 0; q < TEST_COLUMNS; ++q) {
                squared = fmaf(total[q], total[q], squared);
            }
            bound = scale;
        }
        x[at] = sqrtf(squared / bound);
    }
}

// Blocks of at most 8 warps: 32 candidates in the lanes, heads shared out among the warps.
extern "C" __global__ void __launch_bounds__(256, 2)
prefix_test_1(const int* __restrict__ paths, const int* __restrict__ lengths, int most, int prefixes,
              const int* __restrict__ candidates, int count, const float* __restrict__ tokenScores, int width,
              const float* __restrict__ positionScores, const float* __restrict__ constantScores,
              const float* __restrict__ norms, const float* __restrict__ sketches, const float* __restrict__ ownInverse,
              const float* __restrict__ ownScores, const float* __restrict__ ownNorms,
              const float* __restrict__ ownSketches, int heads, int columns, float* __restrict__ x) {
    __shared__ float totals[TEST_MOST_WARPS][TEST_COLUMNS + 1][32];
    const int lane = threadIdx.x % 32;
    const int warp = threadIdx.x / 32;
    const int warps = blockDim.x / 32;
    const int tiles = (count + 31) / 32;
    const long long works = (prefixes + 1LL) * tiles;
    for (long long work = blockIdx.x; work < works; work += gridDim.x) {
        const int prefix = (int)(work / tiles) - 1;
        // Lanes beyond the last candidate repeat it and write nothing.
        const int wanted = (int)(work % tiles) * 32 + lane;
        const int candidate = min(wanted, count - 1);
        const Pair pair = {prefix < 0 ? paths : paths + (size_t)prefix * most, prefix < 0 ? 0 : lengths[prefix],
                           candidates[candidate], candidate, count};
        float squared = 0.f;
        float bound = 0.f;
        for (int c = 0; c < columns; c += TEST_COLUMNS) {
            float total[TEST_COLUMNS] = {};
            float scale = 0.f;
            for (int h = warp; h < heads; h += warps) {
                addHead(h, c, pair, tokenScores, width, positionScores, constantScores, norms, sketches, ownInverse,
                        ownScores, ownNorms, ownSketches, heads, columns, total, scale);
            }
#pragma unroll
            for (int q = 0; q < TEST_COLUMNS; ++q) {
                totals[warp][q][lane] = total[q];
            }
            totals[warp][TEST_COLUMNS][lane] = scale;
            __syncthreads();
            if (warp == 0) {
                bound = 0.f;
                for (int w = 0; w < warps; ++w) {
                    bound += totals[w][TEST_COLUMNS][lane];
                }
                for (int q = 0; q < TEST_COLUMNS; ++q) {
                    float sum = 0.f;
                    for (int w = 0; w < warps; ++w) {
                        sum += totals[w][q][lane];
                    }
                    squared = fmaf(sum, sum, squared);
                }
            }
            __syncthreads();
        }
        if (warp == 0 && wanted < count) {
            x[(prefix + 1LL) * count + candidate] = sqrtf(squared / bound);
        }
    }
}

// Survivors of each row of x, in order: x^2 <= t max(t, rms of the row). A block a row; rowCounts: how many, chosen: which.
extern "C" __global__ void __launch_bounds__(256)
prefix_select(const float* __restrict__ x, int rows, int count, double tolerance, int* __restrict__ chosen,
              int* __restrict__ rowCounts) {
    __shared__ double sums[32];
    __shared__ int counts[32];
    for (int row = blockIdx.x; row < rows; row += gridDim.x) {
        const float* values = x + (size_t)row * count;
        double squares = 0;
        for (int c = threadIdx.x; c < count; c += blockDim.x) {
            squares += (double)values[c] * values[c];
        }
        squares = blockSum(squares, sums);
        const double rms = sqrt(squares / count);
        // NaN stays NaN here, so that a row without a scale has no survivor.
        const double limit = tolerance * (rms <= tolerance ? tolerance : rms);
        int found = 0;
        for (int from = 0; from < count; from += blockDim.x) {
            const int c = from + threadIdx.x;
            const int survives = c < count && (double)values[c] * values[c] <= limit ? 1 : 0;
            int total;
            const int before = blockScan(survives, counts, total);
            if (survives) {
                chosen[(size_t)row * count + found + before] = c;
            }
            found += total;
        }
        if (threadIdx.x == 0) {
            rowCounts[row] = found;
        }
    }
}

// Survivors of all rows one after the other: prefix (-1: the empty one) and token. One block.
extern "C" __global__ void __launch_bounds__(256)
prefix_gather(const int* __restrict__ chosen, const int* __restrict__ rowCounts, int rows, int count,
              const int* __restrict__ candidates, int2* __restrict__ survivors, int* __restrict__ total) {
    __shared__ int counts[32];
    int found = 0;
    for (int from = 0; from < rows; from += blockDim.x) {
        const int row = from + threadIdx.x;
        const int own = row < rows ? rowCounts[row] : 0;
        int sum;
        const int start = found + blockScan(own, counts, sum);
        for (int s = 0; s < own; ++s) {
            survivors[start + s] = make_int2(row - 1, candidates[chosen[(size_t)row * count + s]]);
        }
        found += sum;
    }
    if (threadIdx.x == 0) {
        *total = found;
    }
}

// Survivors within the cut, in order: their index in `survivors` and themselves. One block.
extern "C" __global__ void __launch_bounds__(256)
prefix_members(const int2* __restrict__ survivors, const double* __restrict__ distances, int n, const int* __restrict__ counted,
               double cut, int* __restrict__ indices, int2* __restrict__ members, int* __restrict__ total) {
    __shared__ int counts[32];
    const int rows = rowsToDo(n, counted);
    int found = 0;
    for (int from = 0; from < rows; from += blockDim.x) {
        const int s = from + threadIdx.x;
        const int member = s < rows && distances[s] <= cut ? 1 : 0;
        int sum;
        const int before = blockScan(member, counts, sum);
        if (member) {
            indices[found + before] = s;
            members[found + before] = survivors[s];
        }
        found += sum;
    }
    if (threadIdx.x == 0) {
        *total = found;
    }
}

// rows[i] <- from[indices[i]], a block a row.
extern "C" __global__ void __launch_bounds__(256)
gather_rows(const double* __restrict__ from, const int* __restrict__ indices, int n, const int* __restrict__ counted, int d,
            double* __restrict__ rows) {
    const int todo = rowsToDo(n, counted);
    for (int row = blockIdx.x; row < todo; row += gridDim.x) {
        for (int e = threadIdx.x; e < d; e += blockDim.x) {
            rows[(size_t)row * d + e] = from[(size_t)indices[row] * d + e];
        }
    }
}

// Scores, norms and sketches of each candidate's own query, key and value at position i. A warp a candidate and head.
extern "C" __global__ void __launch_bounds__(256)
own_terms(const int* __restrict__ candidates, int count, int position, const float* __restrict__ qkv, int stride, int tokens,
          int positions, const float* __restrict__ inverseSigma, const float* __restrict__ tableSketches, int d, int heads,
          int columns, float* __restrict__ ownInverse, float* __restrict__ ownScores, float* __restrict__ ownNorms,
          float* __restrict__ ownSketches) {
    const int lane = threadIdx.x % 32;
    const int warps = gridDim.x * blockDim.x / 32;
    const int headSize = d / heads;
    const float* b = qkv + (size_t)(tokens + position) * stride;
    const float* constant = qkv + (size_t)(tokens + positions) * stride;
    for (int work = (blockIdx.x * blockDim.x + threadIdx.x) / 32; work < count * heads; work += warps) {
        const int c = work / heads;
        const int h = work % heads;
        const int token = candidates[c];
        const float inverse = inverseSigma[(size_t)token * positions + position];
        const float* a = qkv + (size_t)token * stride;
        float score = 0.f;
        float squares = 0.f;
        for (int e = h * headSize + lane; e < (h + 1) * headSize; e += 32) {
            const float query = fmaf(a[e] + b[e], inverse, constant[e]);
            const float key = fmaf(a[d + e] + b[d + e], inverse, constant[d + e]);
            const float value = fmaf(a[2 * d + e] + b[2 * d + e], inverse, constant[2 * d + e]);
            score = fmaf(query, key, score);
            squares = fmaf(value, value, squares);
        }
        score = warpSum(score);
        squares = warpSum(squares);
        if (lane == 0) {
            ownScores[(size_t)h * count + c] = score / sqrtf((float)headSize);
            ownNorms[(size_t)h * count + c] = sqrtf(squares);
            if (h == 0) {
                ownInverse[c] = inverse;
            }
        }
        for (int q = lane; q < columns; q += 32) {
            const int at = h * columns + q;
            const int all = heads * columns;
            ownSketches[(size_t)at * count + c] =
                fmaf(tableSketches[(size_t)token * all + at] + tableSketches[(size_t)(tokens + position) * all + at],
                     inverse, tableSketches[(size_t)(tokens + positions) * all + at]);
        }
    }
}

// b_i n/sqrt(d/H) of every node and head. A warp each.
extern "C" __global__ void __launch_bounds__(256)
position_scores(const double* __restrict__ keys, int nodes, const float* __restrict__ query, int d, int heads,
                float* __restrict__ positionScores) {
    const int lane = threadIdx.x % 32;
    const int warps = gridDim.x * blockDim.x / 32;
    const int headSize = d / heads;
    for (int work = (blockIdx.x * blockDim.x + threadIdx.x) / 32; work < nodes * heads; work += warps) {
        const double* key = keys + (size_t)(work / heads) * d;
        double score = 0;
        for (int e = work % heads * headSize + lane; e < (work % heads + 1) * headSize; e += 32) {
            score = fma(key[e], (double)query[e], score);
        }
        score = warpSum(score);
        if (lane == 0) {
            positionScores[work] = (float)(score / sqrt((double)headSize));
        }
    }
}

// Entry e of 3d of a pair's query, key and value.
__device__ __forceinline__ double projected(const float* __restrict__ qkv, int stride, int tokens, int positions, int token,
                                            int position, double inverse, int e) {
    return ((double)qkv[(size_t)token * stride + e] + qkv[(size_t)(tokens + position) * stride + e]) * inverse +
           qkv[(size_t)(tokens + positions) * stride + e];
}

// New nodes from members (prefix, token) at a position: keys, values, constant scores, norms, sketches. A block a node.
extern "C" __global__ void __launch_bounds__(256)
append_nodes(const int2* __restrict__ members, int count, int first, int position, const float* __restrict__ qkv, int stride,
             int tokens, int positions, const float* __restrict__ inverseSigma, const float* __restrict__ tableSketches,
             int d, int heads, int columns, double* keys, double* values, float* __restrict__ constantScores,
             float* __restrict__ norms, float* __restrict__ sketches) {
    const int lane = threadIdx.x % 32;
    const int headSize = d / heads;
    for (int i = blockIdx.x; i < count; i += gridDim.x) {
        const int token = members[i].y;
        const size_t node = (size_t)first + i;
        const float inverse = inverseSigma[(size_t)token * positions + position];
        for (int e = threadIdx.x; e < d; e += blockDim.x) {
            keys[node * d + e] = projected(qkv, stride, tokens, positions, token, position, inverse, d + e);
            values[node * d + e] = projected(qkv, stride, tokens, positions, token, position, inverse, 2 * d + e);
        }
        __syncthreads();
        for (int h = threadIdx.x / 32; h < heads; h += blockDim.x / 32) {
            double score = 0;
            double squares = 0;
            for (int e = h * headSize + lane; e < (h + 1) * headSize; e += 32) {
                score = fma((double)qkv[(size_t)(tokens + positions) * stride + e], keys[node * d + e], score);
                squares = fma(values[node * d + e], values[node * d + e], squares);
            }
            score = warpSum(score);
            squares = warpSum(squares);
            if (lane == 0) {
                constantScores[node * heads + h] = (float)(score / sqrt((double)headSize));
                norms[node * heads + h] = (float)sqrt(squares);
            }
        }
        const int all = heads * columns;
        for (int at = threadIdx.x; at < all; at += blockDim.x) {
            sketches[node * all + at] =
                fmaf(tableSketches[(size_t)token * all + at] + tableSketches[(size_t)(tokens + position) * all + at],
                     inverse, tableSketches[(size_t)(tokens + positions) * all + at]);
        }
    }
}

constexpr int SCORE_NODES = 8;
constexpr int SCORE_TOKENS = 128;
constexpr int SCORE_DEPTH = 64;

// a_t n/sqrt(d/H) of all tokens against new nodes, for each head: n x H x width. Blocks of 128 tokens x 8 nodes x a head:
// a load of a query serves 8 nodes, whose keys wait in shared memory.
extern "C" __global__ void __launch_bounds__(128, 4)
token_scores(const float* __restrict__ queries, int width, const double* __restrict__ keys, int first, int nodes, int d,
             int heads, float* __restrict__ tokenScores) {
    __shared__ __align__(16) float key[SCORE_DEPTH][SCORE_NODES];
    const int headSize = d / heads;
    const int tiles = (width + SCORE_TOKENS - 1) / SCORE_TOKENS;
    const int groups = (nodes + SCORE_NODES - 1) / SCORE_NODES;
    for (int work = blockIdx.x; work < tiles * heads * groups; work += gridDim.x) {
        const int t = work % tiles * SCORE_TOKENS + threadIdx.x;
        const int h = work / tiles % heads;
        const int group = work / tiles / heads * SCORE_NODES;
        float sum[SCORE_NODES] = {};
        for (int from = 0; from < headSize; from += SCORE_DEPTH) {
            const int depth = min(SCORE_DEPTH, headSize - from);
            for (int i = threadIdx.x; i < SCORE_NODES * SCORE_DEPTH; i += blockDim.x) {
                const int e = i % SCORE_DEPTH;
                const int n = i / SCORE_DEPTH;
                key[e][n] = e < depth && group + n < nodes
                                ? (float)keys[(size_t)(first + group + n) * d + h * headSize + from + e]
                                : 0.f;
            }
            __syncthreads();
            for (int e = 0; t < width && e < depth; ++e) {
                const float query = queries[(size_t)(h * headSize + from + e) * width + t];
#pragma unroll
                for (int n = 0; n < SCORE_NODES; ++n) {
                    sum[n] = fmaf(query, key[e][n], sum[n]);
                }
            }
            __syncthreads();
        }
#pragma unroll
        for (int n = 0; n < SCORE_NODES; ++n) {
            if (t < width && group + n < nodes) {
                tokenScores[((size_t)(first + group + n) * heads + h) * width + t] = sum[n];
            }
        }
    }
}

// z of survivors in float64 from float64 keys and values. A block a survivor, heads shared out among its warps.
// weights: a row of H (most + 1) a block.
// Declared: 4 H (d/H)(i + 1) FLOP a survivor, 16 d i bytes.
extern "C" __global__ void __launch_bounds__(256)
attention_outputs(const int2* __restrict__ survivors, int n, const int* __restrict__ counted, const int* __restrict__ paths,
                  const int* __restrict__ lengths, int most, int position, const float* __restrict__ qkv, int stride,
                  int tokens, int positions, const float* __restrict__ inverseSigma, const double* __restrict__ keys,
                  const double* __restrict__ values, int d, int heads, double* weights, double* __restrict__ z) {
    const int lane = threadIdx.x % 32;
    const int headSize = d / heads;
    const int todo = rowsToDo(n, counted);
    for (int s = blockIdx.x; s < todo; s += gridDim.x) {
        const int prefix = survivors[s].x;
        const int token = survivors[s].y;
        const int length = prefix < 0 ? 0 : lengths[prefix];
        const int* path = prefix < 0 ? paths : paths + (size_t)prefix * most;
        const double inverse = inverseSigma[(size_t)token * positions + position];
        for (int h = threadIdx.x / 32; h < heads; h += blockDim.x / 32) {
            double* weight = weights + ((size_t)blockIdx.x * heads + h) * (most + 1);
            double largest = -HUGE_VAL;
            for (int j = 0; j <= length; ++j) {
                double score = 0;
                for (int e = h * headSize + lane; e < (h + 1) * headSize; e += 32) {
                    const double key = j < length
                                           ? keys[(size_t)path[j] * d + e]
                                           : projected(qkv, stride, tokens, positions, token, position, inverse, d + e);
                    score = fma(projected(qkv, stride, tokens, positions, token, position, inverse, e), key, score);
                }
                score = warpSum(score) / sqrt((double)headSize);
                largest = fmax(largest, score);
                if (lane == 0) {
                    weight[j] = score;
                }
            }
            __syncwarp();
            double sum = 0;
            for (int j = lane; j <= length; j += 32) {
                const double w = exp(weight[j] - largest);
                weight[j] = w;
                sum += w;
            }
            sum = warpSum(sum);
            __syncwarp();
            for (int e = h * headSize + lane; e < (h + 1) * headSize; e += 32) {
                double mix = 0;
                for (int j = 0; j < length; ++j) {
                    mix = fma(weight[j] / sum, values[(size_t)path[j] * d + e], mix);
                }
                z[(size_t)s * d + e] =
                    fma(weight[length] / sum,
                        projected(qkv, stride, tokens, positions, token, position, inverse, 2 * d + e), mix);
            }
            __syncwarp();
        }
    }
}
