// A line search for phi(t) = f(x + t d) with the strong Wolfe conditions phi(t) <= phi(0) + c1 t phi'(0) and
// |phi'(t)| <= c2 |phi'(0)|, c1 = 1e-4, c2 = 0.9 (Nocedal and Wright, Numerical Optimization, 2nd edition, algorithms 3.5
// and 3.6, cubic interpolation). Step for step StrongWolfe.java; every thread of a block runs it on the same numbers.
#pragma once

#include "common/block.cuh"

struct LineSearch {
    double startLoss, startSlope, shortest;
    double lowStep, lowLoss, lowSlope;
    double highStep, highLoss, highSlope;
    double trial;
    int bracketed, trials, lowIsTrial;

    __device__ __forceinline__ void start(double loss, double slope, double step, double least) {
        startLoss = loss;
        startSlope = slope;
        shortest = least;
        low(0, loss, slope);
        highStep = INFINITY;
        bracketed = 0;
        lowIsTrial = 0;
        trial = step;
        trials = 0;
    }

    // True when the search is over and lowStep its result. Not finite: too far.
    __device__ __forceinline__ bool tell(double loss, double slope) {
        constexpr double DECREASE = 1e-4;
        constexpr double CURVATURE = 0.9;
        constexpr int MOST_TRIALS = 25;
        ++trials;
        lowIsTrial = 0;
        const bool finite = isfinite(loss) && isfinite(slope);
        const bool tooHigh = loss > startLoss + DECREASE * trial * startSlope;
        const bool worse = (bracketed || lowStep > 0) && loss >= lowLoss;
        if (!finite || tooHigh || worse) {
            high(trial, finite ? loss : INFINITY, slope);
        } else {
            const double before = lowStep;
            const double beforeLoss = lowLoss;
            const double beforeSlope = lowSlope;
            low(trial, loss, slope);
            lowIsTrial = 1;
            if (fabs(slope) <= -CURVATURE * startSlope) {
                return true;
            }
            if (bracketed ? slope * (highStep - trial) >= 0 : slope >= 0) {
                high(before, beforeLoss, beforeSlope);
            } else if (!bracketed) {
                trial = extrapolated(before, beforeLoss, beforeSlope);
                return trials >= MOST_TRIALS;
            }
        }
        trial = interpolated();
        return trials >= MOST_TRIALS || fabs(highStep - lowStep) < shortest;
    }

private:
    __device__ __forceinline__ void low(double step, double loss, double slope) {
        lowStep = step;
        lowLoss = loss;
        lowSlope = slope;
    }

    __device__ __forceinline__ void high(double step, double loss, double slope) {
        highStep = step;
        highLoss = loss;
        highSlope = slope;
        bracketed = 1;
    }

    // Beyond the low end, 1 % to ten-fold of the way to it farther.
    __device__ __forceinline__ double extrapolated(double before, double beforeLoss, double beforeSlope) const {
        const double distance = lowStep - before;
        const double most = lowStep + 9 * distance;
        const double cubic = minimum(before, beforeLoss, beforeSlope, lowStep, lowLoss, lowSlope);
        return cubic > lowStep ? fmin(fmax(cubic, lowStep + 0.01 * distance), most) : most;
    }

    // Inside the bracket, a tenth of its width from both ends.
    __device__ __forceinline__ double interpolated() const {
        const double left = fmin(lowStep, highStep);
        const double width = fabs(highStep - lowStep);
        if (isinf(highLoss)) {
            return left + 0.1 * width;
        }
        const double cubic = minimum(lowStep, lowLoss, lowSlope, highStep, highLoss, highSlope);
        return cubic >= left && cubic <= left + width ? fmin(fmax(cubic, left + 0.1 * width), left + 0.9 * width)
                                                      : left + 0.5 * width;
    }

    // Of the cubic with these values and slopes at a and b; NaN if it has none.
    __device__ __forceinline__ static double minimum(double a, double fa, double sa, double b, double fb, double sb) {
        const double d1 = sa + sb - 3 * (fa - fb) / (a - b);
        const double d2 = copysign(sqrt(d1 * d1 - sa * sb), b - a);
        return b - (b - a) * ((sb + d2 - d1) / (sb - sa + 2 * d2));
    }
};
