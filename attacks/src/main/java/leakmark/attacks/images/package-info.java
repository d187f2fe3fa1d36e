/** Images: files of several formats, and a set drawn by code. */
@NullMarked
package leakmark.attacks.images;

import org.jspecify.annotations.NullMarked;
