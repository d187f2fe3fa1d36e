/** Scores of a reconstruction against the client's batch. */
@NullMarked
package leakmark.attacks.metrics;

import org.jspecify.annotations.NullMarked;
