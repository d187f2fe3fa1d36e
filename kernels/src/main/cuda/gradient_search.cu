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

// One attack of a block, in shared memory.
struct Attack {
    SearchVectors v;
    SearchState state;
    const float* target;
    const float* labels;
    float* memory;
    double wanted;
    int kind;
    float alpha;
    float inputScale;
    int iterations;
    double scratch[32];
    double coefficients[MOST_HISTORY];
};

// Evaluates at the trial point and tells the search. The state is read by all threads and written by the first.
template <typename Task>
__device__ __noinline__ void advance(const Program& network, const float* parameters, Task& attack) {
    putInputs(network, attack.memory, attack.v.trial(), attack.inputScale);
    const double loss = evaluate(network, parameters, attack.target, attack.labels, attack.kind, attack.alpha,
                                 attack.memory, attack.v.slopes() + network.inputs, attack.scratch);
    getInputGradient(network, attack.memory, attack.v.slopes(), attack.inputScale);
    Lbfgs<double> search{attack.state, attack.v, attack.scratch, attack.coefficients};
    search.tell(loss, attack.wanted, attack.iterations);
    __syncthreads();
    if (threadIdx.x == 0) {
        attack.state = search.state;
    }
    __syncthreads();
}

extern "C" __global__ void __launch_bounds__(256)
gradient_search(const int* __restrict__ program, const float* __restrict__ parameters, const float* __restrict__ targets,
                const int* __restrict__ active, int count, const float* __restrict__ labels, int labelsKnown, int kind,
                float alpha, float inputScale, int history, int iterations, int evaluations,
                const double* __restrict__ wanted, float* __restrict__ slots, long long slotSize, float* vectors,
                double* curvatures, int* states, double* __restrict__ losses, int* __restrict__ progress) {
    __shared__ Attack attack;
    const Program& network = *reinterpret_cast<const Program*>(program);
    for (int n = blockIdx.x; n < count; n += gridDim.x) {
        const int index = active[n];
        if (threadIdx.x == 0) {
            const int labelSize = network.images * network.classes;
            const int full = network.inputs + labelSize;
            attack.v.variables = labelsKnown ? network.inputs : full;
            attack.v.full = full;
            attack.v.history = history;
            attack.v.first = vectors + (size_t)index * (7 + 2 * history) * full;
            attack.v.curvatures = curvatures + (size_t)index * history;
            attack.state = reinterpret_cast<SearchState*>(states)[index];
            attack.target = targets + (size_t)index * network.parameters;
            attack.labels = labelsKnown ? labels + (size_t)index * labelSize : attack.v.trial() + network.inputs;
            attack.memory = slots + blockIdx.x * (size_t)slotSize;
            attack.wanted = wanted[index];
            attack.kind = kind;
            attack.alpha = alpha;
            attack.inputScale = inputScale;
            attack.iterations = iterations;
        }
        __syncthreads();
        if (attack.state.evaluations == 0) {
            __syncthreads();
            begin(attack.state, attack.v);
            __syncthreads();
        }
        for (int e = 0; e < evaluations && attack.state.ending == RUNNING; ++e) {
            advance(network, parameters, attack);
        }
        if (threadIdx.x == 0) {
            reinterpret_cast<SearchState*>(states)[index] = attack.state;
            losses[index] = attack.state.bestLoss;
            progress[3 * index] = attack.state.ending;
            progress[3 * index + 1] = attack.state.iterations;
            progress[3 * index + 2] = attack.state.evaluations;
        }
        __syncthreads();
    }
}
