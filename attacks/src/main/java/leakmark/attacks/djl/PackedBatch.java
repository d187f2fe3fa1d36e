package leakmark.attacks.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import leakmark.attacks.TokenBatch;
import org.jspecify.annotations.Nullable;

/**
 * Sequences laid end to end: n rows, no padding, so that linear layers spend nothing on it. Only attention needs a
 * rectangle (sequences × longest); {@link #toRectangle} and {@link #fromRectangle} hold the rows to take.
 *
 * <p>The rectangle's spare cells repeat row 0. They stand behind every real token, where the causal mask hides them as
 * keys, and nothing reads them as queries: their gradient is exactly zero.
 */
final class PackedBatch {
    final int sequences;
    final int longest;

    /** Index of each row's token and position. */
    final NDArray tokens;

    final NDArray positions;

    /** Rows of the rectangle's cells; null if all sequences have the same length. */
    final @Nullable NDArray toRectangle;

    /** Cells of the rows; null if all sequences have the same length. */
    final @Nullable NDArray fromRectangle;

    /** First row of each sequence, and n. */
    final int[] starts;

    PackedBatch(NDManager manager, TokenBatch batch, List<Integer> chosen) {
        sequences = chosen.size();
        starts = new int[sequences + 1];
        int most = 0;
        for (int s = 0; s < sequences; s++) {
            int length = batch.sequences().get(chosen.get(s)).length;
            starts[s + 1] = starts[s] + length;
            most = Math.max(most, length);
        }
        longest = most;
        int rows = starts[sequences];
        long[] token = new long[rows];
        long[] position = new long[rows];
        long[] cellToRow = new long[sequences * longest];
        long[] rowToCell = new long[rows];
        for (int s = 0; s < sequences; s++) {
            int[] sequence = batch.sequences().get(chosen.get(s));
            int offset = batch.offsets()[chosen.get(s)];
            for (int i = 0; i < sequence.length; i++) {
                int row = starts[s] + i;
                token[row] = sequence[i];
                position[row] = offset + i;
                cellToRow[s * longest + i] = row;
                rowToCell[row] = (long) s * longest + i;
            }
        }
        tokens = manager.create(token);
        positions = manager.create(position);
        boolean ragged = rows != sequences * longest;
        toRectangle = ragged ? manager.create(cellToRow) : null;
        fromRectangle = ragged ? manager.create(rowToCell) : null;
    }

    /** Length of a sequence. */
    int length(int sequence) {
        return starts[sequence + 1] - starts[sequence];
    }
}
