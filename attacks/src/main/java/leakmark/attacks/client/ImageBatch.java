package leakmark.attacks.client;

import java.util.List;
import leakmark.attacks.AttackException;
import leakmark.attacks.images.Image;

/**
 * Images a client trained on: the truth an attack is scored against.
 *
 * @param images of one shape, at least one
 * @param labels class of each
 */
public record ImageBatch(List<Image> images, int[] labels) {
    public ImageBatch {
        images = List.copyOf(images);
        if (images.isEmpty() || images.size() != labels.length) {
            throw new AttackException(images.size() + " images and " + labels.length
                    + " labels; a batch needs at least one image, and a label for each");
        }
        for (Image image : images) {
            if (!image.hasShapeOf(images.get(0))) {
                throw new AttackException("images of " + images.get(0).shape() + " and " + image.shape()
                        + " in one batch; a batch has one shape");
            }
        }
    }
}
