/** Public models: configurations, weights by name in one orientation, safetensors files. */
@NullMarked
package leakmark.attacks.model;

import org.jspecify.annotations.NullMarked;
