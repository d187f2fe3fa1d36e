// One attack's evaluation in one block: gradient, distance, its derivatives. All threads come out with the same distance.
#pragma once

#include "matching/bilinear.cuh"
#include "matching/pointwise.cuh"
#include "matching/rows.cuh"

enum DistanceKind : int { SQUARED = 0, COSINE = 1, SQUARED_AND_ABSOLUTE = 2, GRADIENT_ONLY = 3 };

// One layer in one of the passes. A function of its own: inlined into every kernel the code would be ten times as long.
template <typename L>
__device__ __noinline__ void take(int pass, const Program& program, const Step& s, const float* w, float* memory) {
    const Slot slot(program, memory);
    const L layer(s, slot);
    switch (pass) {
        case FORWARD: return forward(layer, s, w, slot);
        case BACK: return backward(layer, s, w, slot);
        case TANGENT_FORWARD: return tangentForward(layer, s, w, slot);
        default: return tangentBackward(layer, s, w, slot);
    }
}

template <typename L>
__device__ __noinline__ void takeBilinear(int pass, const Program& program, const Step& s, const float* w, float* memory) {
    const Slot slot(program, memory);
    bilinear(pass, L(s, slot), s, w, slot);
}

template <typename Index>
__device__ __noinline__ void takeStep(int pass, const Program& program, Index i, const float* w, float* memory) {
    const Step& s = program.step(i);
    switch (s.kind) {
        case CONVOLUTION: takeBilinear<ConvolutionLayer>(pass, program, s, w, memory); break;
        case LINEAR_0:
        case LINEAR_1: takeBilinear<LinearLayer>(pass, program, s, w, memory); break;
        case ACTIVATION: take<ActivationLayer>(pass, program, s, w, memory); break;
        case AVERAGE_POOL:
        case MAX_POOL: take<PoolLayer>(pass, program, s, w, memory); break;
        case MEAN: take<MeanLayer>(pass, program, s, w, memory); break;
        case LAST_ROW: take<LastRowLayer>(pass, program, s, w, memory); break;
        case LAYER_NORM: take<NormLayer>(pass, program, s, w, memory); break;
        case SELF_ATTENTION: take<AttentionLayer>(pass, program, s, w, memory); break;
        case POSITION_EMBEDDING: take<PositionLayer>(pass, program, s, w, memory); break;
        default: take<SumLayer>(pass, program, s, w, memory); break;
    }
    __syncthreads();
}

// exp(l - largest)/sum over a row, in one warp.
__device__ __forceinline__ void softmax(const float* logits, float* probabilities, int classes, int lane) {
    float largest = -INFINITY;
#pragma unroll 1
    for (int c = lane; c < classes; c += 32) {
        largest = fmaxf(largest, logits[c]);
    }
#pragma unroll
    for (int step = 16; step > 0; step /= 2) {
        largest = fmaxf(largest, __shfl_xor_sync(ALL_LANES, largest, step));
    }
    float sum = 0.f;
#pragma unroll 1
    for (int c = lane; c < classes; c += 32) {
        probabilities[c] = expf(logits[c] - largest);
        sum += probabilities[c];
    }
    sum = warpSum(sum);
#pragma unroll 1
    for (int c = lane; c < classes; c += 32) {
        probabilities[c] /= sum;
    }
}

// g' of the inputs in slot.y into slot.u.
template <typename Real>
__device__ __noinline__ void clientGradient(const Program& program, const float* w, const Real* labelLogits,
                                            float* memory) {
    const Slot slot(program, memory);
    const int classes = program.classes;
#pragma unroll 1
    for (int i = 0; i < program.steps; ++i) {
        takeStep(FORWARD, program, i, w, memory);
    }
    float* probabilities = slot.auxiliary;
    float* labels = slot.auxiliary + program.images * classes;
    eachWarp(program.images, [&](int image, int lane) {
        const int from = image * classes;
        softmax(slot.y + program.logits + from, probabilities + from, classes, lane);
        softmax(labelLogits + from, labels + from, classes, lane);
#pragma unroll 1
        for (int c = from + lane; c < from + classes; c += 32) {
            slot.dy[program.logits + c] = (probabilities[c] - labels[c]) / (float)program.images;
        }
    });
    __syncthreads();
#pragma unroll 1
    for (int i = program.steps - 1; i >= 0; --i) {
        if (program.step(i).flags & BACKWARD) {
            takeStep(BACK, program, i, w, memory);
        }
    }
}

// D, and u = dD/dg' in the place of g'. Sum: double.
template <typename Sum>
__device__ __noinline__ Sum compared(int parameters, const float* target, int kind, float alpha, float* u,
                                     Sum* scratch) {
    if (kind == COSINE) {
        Sum product = 0;
        Sum square = 0;
        Sum targetSquare = 0;
        each(parameters, [&](int k) {
            product = fma((Sum)u[k], (Sum)target[k], product);
            square = fma((Sum)u[k], (Sum)u[k], square);
            targetSquare = fma((Sum)target[k], (Sum)target[k], targetSquare);
        });
        product = blockSum(product, scratch);
        square = blockSum(square, scratch);
        targetSquare = blockSum(targetSquare, scratch);
        const Sum norms = sqrt(square * targetSquare);
        const Sum ratio = product / square;
        each(parameters, [&](int k) { u[k] = (float)((u[k] * ratio - target[k]) / norms); });
        __syncthreads();
        return 1 - product / norms;
    }
    Sum sum = 0;
    each(parameters, [&](int k) {
        const float rest = u[k] - target[k];
        sum += (Sum)rest * rest + (Sum)alpha * fabsf(rest);
        u[k] = 2.f * rest + (rest > 0.f ? alpha : rest < 0.f ? -alpha : 0.f);
    });
    return blockSum(sum, scratch);
}

// Puts factor x into the place of the inputs, whose tangent is zero; factor times their gradient comes back.
template <typename Real>
__device__ __noinline__ void putInputs(const Program& program, float* memory, const float* x, Real factor) {
    const Slot slot(program, memory);
    each(program.inputs, [&](int i) {
        slot.y[i] = factor * x[i];
        slot.yDot[i] = 0.f;
    });
    __syncthreads();
}

template <typename Real>
__device__ __noinline__ void getInputGradient(const Program& program, float* memory, float* gradient, Real factor) {
    const Slot slot(program, memory);
    each(program.inputs, [&](int i) { gradient[i] = factor * slot.dyDot[i]; });
}

// D of the inputs put; its gradient goes to their place and to labelGradient. scratch: 32 values in shared memory.
template <typename Sum>
__device__ __noinline__ Sum evaluate(const Program& program, const float* w, const float* target,
                                     const float* labelLogits, int kind, float alpha, float* memory,
                                     float* labelGradient, Sum* scratch) {
    const Slot slot(program, memory);
    clientGradient(program, w, labelLogits, memory);
    const Sum distance = compared(program.parameters, target, kind, alpha, slot.u, scratch);
#pragma unroll 1
    for (int i = 0; i < program.steps; ++i) {
        takeStep(TANGENT_FORWARD, program, i, w, memory);
    }
    const int classes = program.classes;
    const float* probabilities = slot.auxiliary;
    const float* labels = slot.auxiliary + program.images * classes;
    eachWarp(program.images, [&](int image, int lane) {
        const int from = image * classes;
        const float* zDot = slot.yDot + program.logits;
        float underP = 0.f;
        float underY = 0.f;
#pragma unroll 1
        for (int c = from + lane; c < from + classes; c += 32) {
            underP = fmaf(probabilities[c], zDot[c], underP);
            underY = fmaf(labels[c], zDot[c], underY);
        }
        underP = warpSum(underP);
        underY = warpSum(underY);
#pragma unroll 1
        for (int c = from + lane; c < from + classes; c += 32) {
            slot.dyDot[program.logits + c] = probabilities[c] * (zDot[c] - underP) / (float)program.images;
            labelGradient[c] = -labels[c] * (zDot[c] - underY) / (float)program.images;
        }
    });
    __syncthreads();
#pragma unroll 1
    for (int i = program.steps - 1; i >= 0; --i) {
        takeStep(TANGENT_BACK, program, i, w, memory);
    }
    return distance;
}
