/** The command line: verbs, exit codes, and how errors are told. */
@NullMarked
package leakmark.benchmarks.cli;

import org.jspecify.annotations.NullMarked;
