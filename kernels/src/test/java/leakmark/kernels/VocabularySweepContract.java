package leakmark.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What every provider's sweep must satisfy; the oracle is where the zeros were planted. */
public abstract class VocabularySweepContract {
    /** Under test. */
    protected abstract VocabularySweep kernel();

    @ParameterizedTest
    @CsvSource({
        "1,1,1,1",
        "5,3,2,2",
        "207,63,8,17",
        "702,64,8,64",
        "513,65,4,15",
        "512,768,8,24",
        "1023,100,7,65",
        "2050,33,16,3"
    })
    void findsPlantedPairsAndNoOthers(int vocabulary, int d, int k, int positions) {
        Matrix table = Data.gaussian(vocabulary, d, 0.02, vocabulary);
        Matrix sketch = Data.gaussian(d, k, 1 / Math.sqrt(d), d);
        Matrix places = Data.gaussian(positions, k, 1, k);
        Matrix projected = Data.product(table, sketch);
        Set<Long> planted = new TreeSet<>();
        // Position i takes what token 3·i+1 needs: a zero up to rounding.
        for (int i = 0; i < positions; i += 2) {
            int token = (3 * i + 1) % vocabulary;
            for (int c = 0; c < k; c++) {
                places.data()[i * k + c] = -projected.at(token, c);
            }
            planted.add((long) token * positions + i);
        }
        VocabularySweep.Hits hits = kernel().sweep(table, sketch, places, 1e-6f);
        Set<Long> found = new TreeSet<>();
        for (int h = 0; h < hits.count(); h++) {
            found.add((long) hits.tokens()[h] * positions + hits.positions()[h]);
        }
        assertEquals(planted, found);
        assertEquals(found.size(), hits.count(), "a hit is reported once");
    }

    @Test
    void hitsAreOrderedAndThresholdIsInclusive() {
        // e_v · s = v: at position i the distance is |v − i|.
        Matrix table = new Matrix(9, 1, new float[] {0, 1, 2, 3, 4, 5, 6, 7, 8});
        Matrix sketch = new Matrix(1, 1, new float[] {1});
        Matrix places = new Matrix(3, 1, new float[] {-1, -4, -8});
        VocabularySweep.Hits hits = kernel().sweep(table, sketch, places, 1);
        assertArrayEquals(new int[] {0, 1, 2, 3, 4, 5, 7, 8}, hits.tokens());
        assertArrayEquals(new int[] {0, 0, 0, 1, 1, 1, 2, 2}, hits.positions());
    }

    @Test
    void notANumberNeverHits() {
        Matrix table = Data.gaussian(40, 16, 1, 1);
        table.data()[5] = Float.NaN;
        VocabularySweep.Hits hits = kernel().sweep(table, Data.gaussian(16, 4, 1, 2), Matrix.zeros(2, 4), 1e9f);
        assertEquals(78, hits.count());
        assertTrue(hits.tokens()[0] == 1);
    }
}
