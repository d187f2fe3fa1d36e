package leakmark.attacks.images;

/**
 * An image of a data set.
 *
 * @param name where it came from
 * @param image its pixels
 * @param label its class, from 0
 */
public record LabelledImage(String name, Image image, int label) {}
