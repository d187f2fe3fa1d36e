/** The papers' claims as files: what is claimed, what to measure for it, and when a measurement supports or refutes it. */
@NullMarked
package leakmark.reports.claims;

import org.jspecify.annotations.NullMarked;
