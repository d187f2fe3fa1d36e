/**
 * Contract of second-order gradient matching: networks as lists of layers, distances between gradients, and evaluators
 * that differentiate such a distance with respect to a dummy batch.
 */
@NullMarked
package leakmark.kernels.matching;

import org.jspecify.annotations.NullMarked;
