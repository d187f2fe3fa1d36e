/** What a client does to its gradient before it leaves: noise, low precision, sparsity, differential privacy. */
@NullMarked
package leakmark.attacks.defences;

import org.jspecify.annotations.NullMarked;
