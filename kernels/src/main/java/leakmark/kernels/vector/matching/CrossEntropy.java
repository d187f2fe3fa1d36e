package leakmark.kernels.vector.matching;

import leakmark.kernels.matching.Network;
import leakmark.kernels.vector.Species;

/** Softmax cross-entropy with soft labels, the mean over the images: ∂ℓ/∂z = (p − y)/n. In float64: C values an image. */
final class CrossEntropy {
    private final int images;
    private final int classes;
    private final int width;
    private final double[] p;
    private final double[] y;
    private final float[] dz;
    private final float[] dzDot;

    CrossEntropy(Network network, int images) {
        this.images = images;
        classes = network.classes();
        width = Species.padded(classes);
        p = new double[images * classes];
        y = new double[images * classes];
        dz = new float[images * width];
        dzDot = new float[images * width];
    }

    /** ∂ℓ/∂z of logits z and the label logits from {@code labelAt} on. */
    float[] gradient(float[] z, float[] labelLogits, int labelAt) {
        for (int m = 0; m < images; m++) {
            softmax(z, m * width, p, m * classes);
            softmax(labelLogits, labelAt + m * classes, y, m * classes);
            for (int c = 0; c < classes; c++) {
                dz[m * width + c] = (float) ((p[m * classes + c] - y[m * classes + c]) / images);
            }
        }
        return dz;
    }

    /** d/dε of ∂ℓ/∂z along ż; writes ∇_l D. */
    float[] tangent(float[] zDot, float[] labelGradients, int labelAt) {
        for (int m = 0; m < images; m++) {
            int at = m * classes;
            double underP = 0;
            double underY = 0;
            for (int c = 0; c < classes; c++) {
                underP += p[at + c] * zDot[m * width + c];
                underY += y[at + c] * zDot[m * width + c];
            }
            for (int c = 0; c < classes; c++) {
                double tangent = zDot[m * width + c];
                dzDot[m * width + c] = (float) (p[at + c] * (tangent - underP) / images);
                labelGradients[labelAt + at + c] = (float) (-y[at + c] * (tangent - underY) / images);
            }
        }
        return dzDot;
    }

    private void softmax(float[] logits, int from, double[] to, int at) {
        float largest = Float.NEGATIVE_INFINITY;
        for (int c = 0; c < classes; c++) {
            largest = Math.max(largest, logits[from + c]);
        }
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            to[at + c] = Math.exp(logits[from + c] - largest);
            sum += to[at + c];
        }
        for (int c = 0; c < classes; c++) {
            to[at + c] /= sum;
        }
    }
}
