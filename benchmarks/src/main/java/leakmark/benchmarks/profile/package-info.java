/** Profiles of calls in this JVM: JFR, and the profilers of the system where they are installed. */
@NullMarked
package leakmark.benchmarks.profile;

import org.jspecify.annotations.NullMarked;
