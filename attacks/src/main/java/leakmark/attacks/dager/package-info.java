/** DAGER (Petrov et al., NeurIPS 2024) for decoders: exact recovery of a batch from the row spaces of its gradient. */
@NullMarked
package leakmark.attacks.dager;

import org.jspecify.annotations.NullMarked;
