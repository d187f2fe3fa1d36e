package leakmark.attacks.dlg;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import leakmark.attacks.model.TextNetwork;
import leakmark.kernels.matching.Layer;

/**
 * Tokens nearest to embeddings that an attack found. Both are seen as the network sees them, with the position's embedding
 * added and, before a LayerNorm, centred and scaled to length 1: what that layer cannot tell apart the gradient cannot
 * tell either.
 */
final class TokenReadOut {
    private final TextNetwork model;
    private final boolean normalised;
    private final float[] positions;

    TokenReadOut(TextNetwork model) {
        this.model = model;
        List<Layer> layers = model.model().network().layers();
        normalised = layers.size() > 1 && layers.get(1) instanceof Layer.LayerNorm;
        positions = layers.get(0) instanceof Layer.PositionEmbedding
                ? Arrays.copyOf(model.model().parameters(), model.sequenceLength() * model.hiddenSize())
                : new float[model.sequenceLength() * model.hiddenSize()];
    }

    /** The nearest token of each row: one sequence for each L rows. */
    List<int[]> of(float[] inputs) {
        int d = model.hiddenSize();
        int length = model.sequenceLength();
        int count = inputs.length / (length * d);
        List<int[]> sequences = new ArrayList<>();
        for (int s = 0; s < count; s++) {
            sequences.add(new int[length]);
        }
        float[] table = new float[model.embeddings().length];
        float[] row = new float[d];
        for (int i = 0; i < length; i++) {
            for (int v = 0; v < model.vocabularySize(); v++) {
                place(model.embeddings(), v * d, i, table, v * d);
            }
            for (int s = 0; s < count; s++) {
                place(inputs, (s * length + i) * d, i, row, 0);
                sequences.get(s)[i] = nearest(table, row);
            }
        }
        return sequences.stream().map(model::read).toList();
    }

    private void place(float[] from, int start, int position, float[] to, int at) {
        int d = model.hiddenSize();
        double mean = 0;
        for (int j = 0; j < d; j++) {
            to[at + j] = from[start + j] + positions[position * d + j];
            mean += to[at + j];
        }
        if (normalised) {
            mean /= d;
            double square = 0;
            for (int j = 0; j < d; j++) {
                to[at + j] -= (float) mean;
                square += (double) to[at + j] * to[at + j];
            }
            float scale = (float) (1 / Math.sqrt(Math.max(square, Double.MIN_NORMAL)));
            for (int j = 0; j < d; j++) {
                to[at + j] *= scale;
            }
        }
    }

    private int nearest(float[] table, float[] row) {
        int best = 0;
        float least = Float.POSITIVE_INFINITY;
        for (int v = 0; v < model.vocabularySize(); v++) {
            float distance = 0;
            for (int j = 0; j < row.length; j++) {
                float difference = table[v * row.length + j] - row[j];
                distance += difference * difference;
            }
            if (distance < least) {
                least = distance;
                best = v;
            }
        }
        return best;
    }
}
