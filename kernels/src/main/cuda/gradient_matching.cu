// Distances of dummy gradients from shared ones, with their derivatives, one block an attack.
//
//   g' = grad_W l(x, y, W), y = softmax(labels); D(g', g); u = dD/dg'; grad_x D = d/de grad_x l(x, y, W + e u) at 0
//
// The network is a list of steps (matching/program.cuh) that the block walks four times: forward, backward, tangent
// forward, tangent backward. Activations, gradients and tangents lie in planes of the block's slot. Attacks share W. Sums
// run in a fixed order: two runs give the same bits.
//
//   inputs n x input size, labels n x classes, distances 1, gradients alike: for each entry of `active`, in its order
//   targets parameters each, by attack; slots: one a block
//
// Declared (GradientMatching.cost): LeNet at 3 x 32 x 32 and 100 classes 9.8 MFLOP, 0.68 MB (W and g once). An H200's
// 60 TFLOP/s: 6.1 million evaluations a second; the bytes of g alone at 4.3 TB/s: 12.6 million.
//
// Ladder (predicted on an H200; nothing measured yet), LeNet as above, 256 threads:
//   LINEAR_0  a thread an entry, as in all other layers. A convolution loads two floats a multiply-add from the first
//             cache: 1/8 of the rate, 170 us an evaluation on a processor. The last layer's rows of W lie 3 KB apart in
//             the lanes: 32 lines a load, three products of 77,000: 110 us each. u is written once and read twice, W read
//             four times: 2 MB, 60 us of a processor's share. 0.5 ms, 260,000 evaluations a second on 132 processors with
//             one block each; up to twice that where two blocks overlap.
//   LINEAR_1  a warp an output, lanes along the row: 1 line a load. 0.25 ms, 530,000 a second.
// Both are steps of one kernel: the host's program says which (MatchingProgram.java).
#include "matching/evaluation.cuh"

extern "C" __global__ void __launch_bounds__(256)
gradient_matching(const int* __restrict__ program, const float* __restrict__ parameters, const float* __restrict__ targets,
                  const int* __restrict__ active, int count, const float* __restrict__ inputs,
                  const float* __restrict__ labels, int kind, float alpha, float* __restrict__ slots, long long slotSize,
                  double* __restrict__ distances, float* __restrict__ inputGradients,
                  float* __restrict__ labelGradients) {
    __shared__ double scratch[32];
    const Program& network = *reinterpret_cast<const Program*>(program);
    float* memory = slots + blockIdx.x * (size_t)slotSize;
    const int size = network.inputs;
    for (int n = blockIdx.x; n < count; n += gridDim.x) {
        const float* logits = labels + (size_t)n * network.images * network.classes;
        putInputs(network, memory, inputs + (size_t)n * size, 1.f);
        if (kind == GRADIENT_ONLY) {
            clientGradient(network, parameters, logits, memory);
            continue;
        }
        const float* target = targets + (size_t)active[n] * network.parameters;
        const double distance = evaluate(network, parameters, target, logits, kind, alpha, memory,
                                         labelGradients + (logits - labels), scratch);
        getInputGradient(network, memory, inputGradients + (size_t)n * size, 1.f);
        if (threadIdx.x == 0) {
            distances[n] = distance;
        }
        __syncthreads();
    }
}
