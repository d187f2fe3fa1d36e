/**
 * Minimisers of many independent functions at once. A search says where it wants its function evaluated and is told what
 * was found there; {@link leakmark.attacks.optim.BatchMinimiser} evaluates all running searches together.
 */
@NullMarked
package leakmark.attacks.optim;

import org.jspecify.annotations.NullMarked;
