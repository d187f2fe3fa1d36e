package leakmark.attacks.dlg;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import leakmark.attacks.images.Image;
import leakmark.kernels.matching.Shape;

/** Images out of an inversion's values. */
public final class RecoveredImages {
    private RecoveredImages() {}

    /** The images of a batch, values as they were found, also beyond 0 to 1. */
    public static List<Image> of(Inversion inversion, Shape.Image shape) {
        List<Image> images = new ArrayList<>();
        for (int i = 0; i < inversion.inputs().length / shape.size(); i++) {
            images.add(new Image(
                    shape.channels(),
                    shape.height(),
                    shape.width(),
                    Arrays.copyOfRange(inversion.inputs(), i * shape.size(), (i + 1) * shape.size())));
        }
        return images;
    }
}
