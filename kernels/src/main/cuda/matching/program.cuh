// A network as a list of steps, made by MatchingProgram.java: what each reads and writes, its sizes, and its rung
// where a kind has several.
#pragma once

#include "common/block.cuh"

enum StepKind : int {
    CONVOLUTION = 0,
    LINEAR_0 = 1,
    ACTIVATION = 2,
    AVERAGE_POOL = 3,
    MAX_POOL = 4,
    MEAN = 5,
    LAST_ROW = 6,
    LAYER_NORM = 7,
    SELF_ATTENTION = 8,
    POSITION_EMBEDDING = 9,
    SUM = 10,
    LINEAR_1 = 11
};

enum Pass : int { FORWARD, BACK, TANGENT_FORWARD, TANGENT_BACK };

// The way back writes the gradient of an input, or adds to what a step behind this one wrote there.
enum StepFlag : int {
    BACKWARD = 1,      // a parameter lies at or before this step's output: its gradient is wanted
    INPUT_LIVE = 2,    // a parameter lies before its input: the input moves with the parameters
    ADD = 4,           // backward adds to the input's gradient
    ADD_TANGENT = 8,   // tangent backward adds
    ADD_SECOND = 16,   // the same of a sum's second input
    ADD_SECOND_TANGENT = 32
};

// 16 ints. x, y and second are offsets in a plane; w of the first parameter.
struct Step {
    int kind;
    int x;
    int y;
    int w;
    int flags;
    int second;  // of a sum: its other input; of a norm or attention: its part of the auxiliary values
    int n[10];
};

// 8 ints, followed by the steps. All values of an attack: images n.
struct Program {
    int steps;
    int images;
    int inputs;      // n * input size
    int classes;
    int parameters;
    int plane;       // floats of a plane
    int logits;      // offset of the last step's output
    int auxiliary;   // floats of auxiliary values, probabilities and labels first (n * classes each)

    __device__ __forceinline__ const Step& step(int i) const {
        return reinterpret_cast<const Step*>(this + 1)[i];
    }
};

// What a block works in: planes of all activations, their gradients, and the tangents of both; u; auxiliary values.
struct Slot {
    float* y;
    float* dy;
    float* yDot;
    float* dyDot;
    float* u;
    float* auxiliary;

    __device__ __forceinline__ Slot(const Program& program, float* memory)
        : y(memory),
          dy(memory + program.plane),
          yDot(memory + 2 * (size_t)program.plane),
          dyDot(memory + 3 * (size_t)program.plane),
          u(memory + 4 * (size_t)program.plane),
          auxiliary(memory + 4 * (size_t)program.plane + program.parameters) {}
};

// Runs body(i) for i in 0 .. count-1, spread over the threads of the block; thread t has t, t + threads, ...
template <typename Body>
__device__ __forceinline__ void each(int count, Body body) {
    const int threads = blockDim.x;
#pragma unroll 1
    for (int i = threadIdx.x; i < count; i += threads) {
        body(i);
    }
}

// Runs body(i, lane) in all lanes of one warp for each i.
template <typename Body>
__device__ __forceinline__ void eachWarp(int count, Body body) {
    const int warps = blockDim.x / 32;
    const int lane = threadIdx.x % 32;
#pragma unroll 1
    for (int i = threadIdx.x / 32; i < count; i += warps) {
        body(i, lane);
    }
}

__device__ __forceinline__ void put(float* to, int i, float value, bool add) {
    to[i] = add ? to[i] + value : value;
}
