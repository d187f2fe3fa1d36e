/**
 * Deep leakage from gradients: a dummy batch is changed until its gradient matches the shared one. Images pixel by pixel,
 * text by embeddings; many attacks at once on {@link leakmark.kernels.matching.GradientMatching}.
 */
@NullMarked
package leakmark.attacks.dlg;

import org.jspecify.annotations.NullMarked;
