// Whole attacks on the device: L-BFGS with a strong Wolfe line search on D(g'(x, l), g), one block an attack, evaluation
// and optimiser in the same loop. A launch runs every attack for up to `evaluations` more; what an attack is between two
// launches lies in `states` and `vectors`.
//
//   variables x (n x input size, in units of inputScale), then l (n x classes) unless labels are known
//   vectors 7 + 2 history vectors an attack; curvatures history; states 36 ints, zero at first, the start in the first
//   vector; losses, progress (ending, iterations, evaluations): what the host asks for after a launch
//
// Declared, an evaluation of v variables: GradientMatching.cost, and 8 m v FLOP over 16 m v bytes an accepted step, m
// pairs: LeNet at 3 x 32 x 32, 100 classes, m = 100: 9.8 + 2.5 MFLOP, 2 + 5 MB.
//
// Ladder (predicted on an H200; nothing measured yet), LeNet as above, 132 processors:
//   first rung: 0.25 ms an evaluation (gradient_matching.cu, LINEAR_1); the two loops over pairs 5 MB at 1/132 of 4.3 TB/s:
//      155 us, their 400 barriers 15 us. 0.4 ms an evaluation: 330,000 a second with one block a processor, about 500 an
//      attack: 650 attacks/s, up to twice that with two blocks a processor. PyTorch, bound by 500 launches an evaluation:
//      about 1 attack/s. The host waits 20 evaluations (8 ms) a launch, so launches cost nothing.
#include <cfloat>

#include "matching/evaluation.cuh"
#include "matching/lbfgs.cuh"

extern "C" __global__ void __launch_bounds__(256)
gradient_search(const int* __restrict__ program, const float* __restrict__ parameters, const float* __restrict__ targets,
                const int* __restrict__ active, int count, const float* __restrict__ labels, int labelsKnown, int kind,
                float alpha, float inputScale, int history, int iterations, int evaluations,
                const double* __restrict__ wanted, float* __restrict__ slots, long long slotSize, float* vectors,
                double* curvatures, int* states, double* __restrict__ losses, int* __restrict__ progress) {
    __shared__ double scratch[32];
    __shared__ double coefficients[MOST_HISTORY];
    __shared__ SearchState state;
    const Program& network = *reinterpret_cast<const Program*>(program);
    float* memory = slots + blockIdx.x * (size_t)slotSize;
    const int size = network.inputs;
    const int labelSize = network.images * network.classes;
    const int full = size + labelSize;
    for (int n = blockIdx.x; n < count; n += gridDim.x) {
        const int attack = active[n];
        const SearchVectors v{labelsKnown ? size : full, full, history,
                              vectors + (size_t)attack * (7 + 2 * history) * full, curvatures + (size_t)attack * history};
        SearchState* kept = reinterpret_cast<SearchState*>(states) + attack;
        if (threadIdx.x == 0) {
            state = *kept;
        }
        __syncthreads();
        if (state.evaluations == 0) {
            __syncthreads();
            begin(state, v);
            __syncthreads();
        }
        for (int e = 0; e < evaluations && state.ending == RUNNING; ++e) {
            putInputs(network, memory, v.trial(), inputScale);
            const double loss =
                evaluate(network, parameters, targets + (size_t)attack * network.parameters,
                         labelsKnown ? labels + (size_t)attack * labelSize : v.trial() + size, kind, alpha, memory,
                         v.slopes() + size, scratch);
            getInputGradient(network, memory, v.slopes(), inputScale);
            tell(&state, v, loss, wanted[attack], iterations, scratch, coefficients);
        }
        if (threadIdx.x == 0) {
            *kept = state;
            losses[attack] = state.bestLoss;
            progress[3 * attack] = state.ending;
            progress[3 * attack + 1] = state.iterations;
            progress[3 * attack + 2] = state.evaluations;
        }
        __syncthreads();
    }
}
