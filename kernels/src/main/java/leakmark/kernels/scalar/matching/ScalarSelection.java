package leakmark.kernels.scalar.matching;

import java.util.ArrayList;
import java.util.List;
import leakmark.kernels.matching.Layer;
import leakmark.kernels.matching.Shape;
import leakmark.kernels.matching.Shape.Image;
import leakmark.kernels.matching.Shape.Rows;

/** Layers without parameters that are linear: every output is a mean of some inputs. The two backward passes are alike. */
class ScalarSelection extends ScalarLayer {
    private final int inputs;
    /** Per output the inputs averaged. */
    private final int[][] sources;

    ScalarSelection(int inputs, int[][] sources) {
        this.inputs = inputs;
        this.sources = sources;
    }

    static ScalarSelection of(Layer layer, Shape input) {
        int[][] sources;
        if (layer instanceof Layer.Flatten) {
            sources = new int[input.size()][];
            for (int i = 0; i < sources.length; i++) {
                sources[i] = new int[] {i};
            }
        } else if (layer instanceof Layer.LastRow) {
            Rows rows = (Rows) input;
            sources = new int[rows.features()][];
            for (int f = 0; f < sources.length; f++) {
                sources[f] = new int[] {(rows.count() - 1) * rows.features() + f};
            }
        } else if (layer instanceof Layer.GlobalAverage) {
            sources = global(input);
        } else if (layer instanceof Layer.AveragePool pool) {
            sources = windows((Image) input, pool.size());
        } else {
            throw new IllegalArgumentException("the scalar oracle has no " + layer);
        }
        return new ScalarSelection(input.size(), sources);
    }

    private static int[][] global(Shape input) {
        if (input instanceof Image image) {
            int pixels = image.height() * image.width();
            int[][] sources = new int[image.channels()][pixels];
            for (int i = 0; i < image.size(); i++) {
                sources[i / pixels][i % pixels] = i;
            }
            return sources;
        }
        Rows rows = (Rows) input;
        int[][] sources = new int[rows.features()][rows.count()];
        for (int i = 0; i < rows.size(); i++) {
            sources[i % rows.features()][i / rows.features()] = i;
        }
        return sources;
    }

    private static int[][] windows(Image image, int size) {
        List<int[]> sources = new ArrayList<>();
        for (int c = 0; c < image.channels(); c++) {
            for (int y = 0; y < image.height() / size; y++) {
                for (int x = 0; x < image.width() / size; x++) {
                    int[] window = new int[size * size];
                    for (int k = 0; k < window.length; k++) {
                        window[k] = (c * image.height() + y * size + k / size) * image.width() + x * size + k % size;
                    }
                    sources.add(window);
                }
            }
        }
        return sources.toArray(int[][]::new);
    }

    /** The inputs whose mean is output {@code o}. */
    int[] sources(int o) {
        return sources[o];
    }

    private double[] mean(double[] x) {
        double[] y = new double[sources.length];
        for (int o = 0; o < y.length; o++) {
            for (int i : sources(o)) {
                y[o] += x[i] / sources(o).length;
            }
        }
        return y;
    }

    private double[] spread(double[] dy) {
        double[] dx = new double[inputs];
        for (int o = 0; o < dy.length; o++) {
            for (int i : sources(o)) {
                dx[i] += dy[o] / sources(o).length;
            }
        }
        return dx;
    }

    @Override
    double[] forward(double[] x, double[] w) {
        return mean(x);
    }

    @Override
    double[] backward(double[] dy, double[] w, double[] g) {
        return spread(dy);
    }

    @Override
    double[] tangentForward(double[] xDot, double[] w, double[] u) {
        return mean(xDot);
    }

    @Override
    double[] tangentBackward(double[] dyDot, double[] w, double[] u) {
        return spread(dyDot);
    }

    /** The first largest of each window is its only source. */
    static final class Max extends ScalarSelection {
        private final int[][] windows;
        private final int[][] chosen;

        Max(Layer.MaxPool pool, Image input) {
            this(input, windows(input, pool.size()));
        }

        private Max(Image input, int[][] windows) {
            super(input.size(), windows);
            this.windows = windows;
            this.chosen = new int[windows.length][1];
        }

        @Override
        int[] sources(int o) {
            return chosen[o];
        }

        @Override
        double[] forward(double[] x, double[] w) {
            for (int o = 0; o < windows.length; o++) {
                chosen[o][0] = windows[o][0];
                for (int i : windows[o]) {
                    if (x[i] > x[chosen[o][0]]) {
                        chosen[o][0] = i;
                    }
                }
            }
            return super.forward(x, w);
        }
    }
}
