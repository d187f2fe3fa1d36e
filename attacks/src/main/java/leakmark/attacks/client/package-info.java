/** The client's side: batches of text, labels, and the gradients computed from them. The attacker's code never sees it. */
@NullMarked
package leakmark.attacks.client;

import org.jspecify.annotations.NullMarked;
