// One attack's way to a minimum by L-BFGS, in one block: the rule of WolfeSearch.java and InverseHessian.java. Where no
// descent is found the pairs are forgotten once, then the search gives up.
#pragma once

#include "matching/line_search.cuh"
#include "matching/program.cuh"

constexpr int MOST_HISTORY = 128;

enum Ending : int { RUNNING = 0, CONVERGED = 1, STALLED = 2, EXHAUSTED = 3, NOT_FINITE = 4 };

// Begins as zeros.
struct SearchState {
    LineSearch line;
    double loss;
    double bestLoss;
    double scale;  // of the inverse Hessian's start
    int started, iterations, evaluations, ending;
    int newest, count;  // of the pairs
};
static_assert(sizeof(SearchState) == 36 * sizeof(int), "as long as CudaInversion.java says");

// Vectors of one attack, `full` floats apart; entry i belongs to the thread that `each` gives it to.
struct SearchVectors {
    int variables;
    int full;
    int history;
    float* first;
    double* curvatures;

    __device__ __forceinline__ float* position() const { return first; }
    __device__ __forceinline__ float* gradient() const { return first + full; }
    __device__ __forceinline__ float* direction() const { return first + 2 * full; }
    __device__ __forceinline__ float* trial() const { return first + 3 * full; }
    __device__ __forceinline__ float* slopes() const { return first + 4 * full; }
    __device__ __forceinline__ float* lowGradient() const { return first + 5 * full; }
    __device__ __forceinline__ float* best() const { return first + 6 * full; }
    __device__ __forceinline__ float* step(int slot) const { return first + (size_t)(7 + slot) * full; }
    __device__ __forceinline__ float* difference(int slot) const { return first + (size_t)(7 + history + slot) * full; }
};

// a b over a block: a few float32 products a thread, then float64.
template <typename Sum>
__device__ __noinline__ Sum dotProduct(int n, const float* a, const float* b, Sum* scratch) {
    float sum = 0.f;
    each(n, [&](int i) { sum = fmaf(a[i], b[i], sum); });
    return blockSum((Sum)sum, scratch);
}

// y += factor x, then y next in the same pass.
template <typename Sum>
__device__ __noinline__ Sum addThenDot(int n, float* y, float factor, const float* x, const float* next, Sum* scratch) {
    float sum = 0.f;
    each(n, [&](int i) {
        const float value = fmaf(factor, x[i], y[i]);
        y[i] = value;
        sum = fmaf(value, next[i], sum);
    });
    return blockSum((Sum)sum, scratch);
}

template <typename Sum>
struct Lbfgs {
    SearchState state;
    const SearchVectors& v;
    Sum* scratch;       // 32 values in shared memory
    Sum* coefficients;  // MOST_HISTORY

    __device__ __forceinline__ Sum dot(const float* a, const float* b) const {
        return dotProduct(v.variables, a, b, scratch);
    }

    __device__ __forceinline__ void copy(float* to, const float* from) const {
        each(v.variables, [&](int i) { to[i] = from[i]; });
    }

    __device__ __forceinline__ void clear() {
        state.count = 0;
        state.newest = -1;
        state.scale = 1;
    }

    __device__ __forceinline__ int slot(int back) const {
        return (state.newest - back + v.history) % v.history;
    }

    __device__ __forceinline__ void add(float step) {
        const int at = (state.newest + 1) % v.history;
        float* s = v.step(at);
        float* y = v.difference(at);
        float product = 0.f;
        float square = 0.f;
        each(v.variables, [&](int i) {
            y[i] = v.lowGradient()[i] - v.gradient()[i];
            s[i] = step * v.direction()[i];
            product = fmaf(s[i], y[i], product);
            square = fmaf(y[i], y[i], square);
        });
        const Sum curvature = blockSum((Sum)product, scratch);
        if (!(curvature > 0)) {
            // The slot may have held the oldest pair.
            state.count = min(state.count, v.history - 1);
            return;
        }
        state.newest = at;
        state.count = min(state.count + 1, v.history);
        if (threadIdx.x == 0) {
            v.curvatures[at] = curvature;
        }
        state.scale = curvature / blockSum((Sum)square, scratch);
    }

    // direction = -H gradient.
    __device__ __forceinline__ void descend() {
        float* d = v.direction();
        each(v.variables, [&](int i) { d[i] = -v.gradient()[i]; });
        const int pairs = state.count;
        if (pairs == 0) {
            return;
        }
        Sum along = dot(v.step(slot(0)), d);
#pragma unroll 1
        for (int back = 0; back < pairs; ++back) {
            const Sum coefficient = along / v.curvatures[slot(back)];
            if (threadIdx.x == 0) {
                coefficients[back] = coefficient;
            }
            along = addThenDot(v.variables, d, -(float)coefficient, v.difference(slot(back)),
                               v.step(slot(min(back + 1, pairs - 1))), scratch);
        }
        const float scale = (float)state.scale;
        each(v.variables, [&](int i) { d[i] *= scale; });
        along = dot(v.difference(slot(pairs - 1)), d);
#pragma unroll 1
        for (int back = pairs - 1; back >= 0; --back) {
            const Sum factor = coefficients[back] - along / v.curvatures[slot(back)];
            along = addThenDot(v.variables, d, (float)factor, v.step(slot(back)), v.difference(slot(max(back - 1, 0))),
                               scratch);
        }
    }

    // RUNNING or STALLED.
    __device__ __forceinline__ int newLine() {
        // Steps shorter than this in every variable change nothing that float32 shows at pixel size.
        constexpr double SHORTEST_STEP = 1e-9;
        descend();
        Sum slope = dot(v.gradient(), v.direction());
        if (!(slope < 0) && state.count > 0) {
            clear();
            each(v.variables, [&](int i) { v.direction()[i] = -v.gradient()[i]; });
            slope = dot(v.gradient(), v.direction());
        }
        float longest = 0.f;
        float magnitudes = 0.f;
        each(v.variables, [&](int i) {
            longest = fmaxf(longest, fabsf(v.direction()[i]));
            magnitudes += fabsf(v.gradient()[i]);
        });
        const Sum largest = blockLargest(longest);
        const Sum sum = blockSum((Sum)magnitudes, scratch);
        if (!(slope < 0) || !(largest < FLT_MAX)) {
            return STALLED;
        }
        state.line.start(state.loss, slope, state.count == 0 ? fmin(1.0, 1 / sum) : 1, SHORTEST_STEP / largest);
        return RUNNING;
    }

    // Goes to the best point of a line; where there is none, forgets the pairs. RUNNING for a new line, or STALLED.
    __device__ __forceinline__ int accept() {
        const float step = (float)state.line.lowStep;
        if (!(step > 0)) {
            const bool hopeless = state.count == 0;
            clear();
            return hopeless ? STALLED : RUNNING;
        }
        ++state.iterations;
        each(v.variables, [&](int i) { v.position()[i] = fmaf(step, v.direction()[i], v.position()[i]); });
        add(step);
        copy(v.gradient(), v.lowGradient());
        state.loss = state.line.lowLoss;
        return RUNNING;
    }

    // Takes the loss at the trial point, its gradient in v.slopes(). All threads; the state is theirs alone.
    __device__ __forceinline__ void tell(Sum loss, Sum wanted, int mostIterations) {
        int bad = !isfinite(loss);
        each(v.variables, [&](int i) { bad |= !isfinite(v.slopes()[i]); });
        const bool finite = !__syncthreads_or(bad);
        ++state.evaluations;
        if (finite && loss < state.bestLoss) {
            state.bestLoss = loss;
            copy(v.best(), v.trial());
        }
        if (state.bestLoss <= wanted) {
            state.ending = CONVERGED;
            return;
        }
        bool line = false;
        if (!state.started) {
            line = finite;
            state.started = finite;
            state.loss = loss;
            copy(v.gradient(), v.slopes());
            state.ending = finite ? RUNNING : NOT_FINITE;
        } else {
            const Sum slope = finite ? dot(v.slopes(), v.direction()) : (Sum)NAN;
            line = state.line.tell(finite ? loss : (Sum)NAN, slope);
            if (state.line.lowIsTrial) {
                copy(v.lowGradient(), v.slopes());
            }
            if (line) {
                state.ending = finite || state.line.lowStep > 0 ? accept() : NOT_FINITE;
            }
        }
        if (line && state.ending == RUNNING) {
            state.ending = newLine();
        }
        if (state.ending == RUNNING) {
            const float step = (float)state.line.trial;
            each(v.variables, [&](int i) { v.trial()[i] = fmaf(step, v.direction()[i], v.position()[i]); });
        }
        if (state.ending == RUNNING && state.iterations >= mostIterations) {
            state.ending = EXHAUSTED;
        }
    }

private:
    __device__ __forceinline__ Sum blockLargest(float value) const {
#pragma unroll
        for (int step = 16; step > 0; step /= 2) {
            value = fmaxf(value, __shfl_xor_sync(ALL_LANES, value, step));
        }
        if (threadIdx.x % 32 == 0) {
            scratch[threadIdx.x / 32] = value;
        }
        __syncthreads();
        Sum largest = 0;
        for (int w = 0; w < (int)blockDim.x / 32; ++w) {
            largest = fmax(largest, scratch[w]);
        }
        __syncthreads();
        return largest;
    }
};

// Starts a search from its position.
__device__ __forceinline__ void begin(SearchState& state, const SearchVectors& v) {
    if (threadIdx.x == 0) {
        state.bestLoss = INFINITY;
        state.scale = 1;
        state.newest = -1;
    }
    each(v.variables, [&](int i) {
        v.trial()[i] = v.position()[i];
        v.best()[i] = v.position()[i];
    });
}
