/** The papers' own algorithms on PyTorch, as baselines. */
@NullMarked
package leakmark.attacks.published;

import org.jspecify.annotations.NullMarked;
