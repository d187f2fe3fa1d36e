package leakmark.attacks.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import leakmark.attacks.AttackException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GossipTest {
    private static List<float[]> values(int nodes, int length) {
        SplittableRandom random = new SplittableRandom(3);
        List<float[]> values = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            float[] value = new float[length];
            for (int e = 0; e < length; e++) {
                value[e] = (float) random.nextGaussian();
            }
            values.add(value);
        }
        return values;
    }

    private static float[] solved(Gossip gossip, int node, int exchanges, List<float[]> messages) {
        double[] coefficients = gossip.coefficients(List.of(node), exchanges);
        assertNotNull(coefficients);
        double[] sum = new double[messages.get(0).length];
        for (int m = 0; m < messages.size(); m++) {
            for (int e = 0; e < sum.length; e++) {
                sum[e] += coefficients[m] * messages.get(m)[e];
            }
        }
        float[] result = new float[sum.length];
        for (int e = 0; e < sum.length; e++) {
            result[e] = (float) sum[e];
        }
        return result;
    }

    /** On a line every node's vector arrives after as many exchanges as it is hops beyond the neighbour, and not before. */
    @ParameterizedTest
    @CsvSource({"line, 5, 2, 1", "line, 5, 3, 2", "line, 5, 4, 3", "ring, 6, 3, 2", "0-1/1-2/2-3, 4, 3, 2"})
    void distanceIsTime(String graph, int nodes, int node, int exchanges) {
        Gossip gossip = Gossip.of(graph, nodes);
        assertNull(gossip.coefficients(List.of(node), exchanges - 1));
        List<float[]> values = values(nodes, 7);
        float[] found = solved(gossip, node, exchanges, gossip.messages(values, exchanges));
        for (int e = 0; e < found.length; e++) {
            // Rounding of messages, 2^-24 of some units, times coefficients of at most a few hundred.
            assertEquals(values.get(node)[e], found[e], 1e-4);
        }
    }

    /** Leaves of a star look alike to another leaf: their sum is all it ever learns. */
    @Test
    void alikeNodesStayApartFromNoOne() {
        Gossip gossip = Gossip.of("star", 5);
        assertTrue(gossip.isNeighbour(1));
        for (int leaf = 2; leaf < 5; leaf++) {
            assertNull(gossip.coefficients(List.of(leaf), 8));
        }
        assertNotNull(gossip.coefficients(List.of(2, 3, 4), 2));
    }

    /** Averaging keeps the mean, and agrees in the end. */
    @Test
    void averagesAgree() {
        Gossip gossip = Gossip.of("ring", 5);
        List<float[]> values = values(5, 3);
        List<float[]> messages = gossip.messages(values, 60);
        double mean = values.stream().mapToDouble(v -> v[0]).average().orElseThrow();
        assertEquals(mean, messages.get(messages.size() - 1)[0], 1e-5);
    }

    @ParameterizedTest
    @CsvSource({
        "0-1/2-3, 4, is not connected: nothing leads from node 0 to node 2",
        "ring, 1, a gossip graph has 2 to 64 nodes",
        "torus, 4, is no graph of 4 nodes",
        "0-9, 4, is no graph of 4 nodes",
    })
    void wrongGraphsAreOneLine(String graph, int nodes, String part) {
        String message = String.valueOf(assertThrows(AttackException.class, () -> Gossip.of(graph, nodes))
                .getMessage());
        assertTrue(message.contains(part), message);
        assertEquals(1, message.lines().count());
    }
}
