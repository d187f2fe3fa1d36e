/** True gradients by DJL's PyTorch engine. With {@code leakmark.attacks.published}, the only user of {@code ai.djl}. */
@NullMarked
package leakmark.attacks.djl;

import org.jspecify.annotations.NullMarked;
