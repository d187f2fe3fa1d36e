package leakmark.attacks.client;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import leakmark.attacks.AttackException;
import org.jspecify.annotations.Nullable;

/**
 * Averaging by gossip on a graph: {@code x(t+1) = M x(t)} with Metropolis weights, {@code M_ij = 1/(1 + max(deg_i, deg_j))} for
 * neighbours. A node sees its own and its neighbours' vectors at every exchange: {@code y = O x(0)} with rows {@code e_jᵀ Mᵗ}. Node
 * i's first vector is known to it exactly if e_i lies in the row space of O (Mrini, Cyffers, Bellet 2024); of nodes that look alike
 * to it, only the sum.
 */
final class Gossip {
    /** Rest of e_i outside the row space that rounding explains. */
    private static final double ROUNDING = 1e-9;

    private final boolean[][] edges;
    private final double[][] mixing;

    private Gossip(boolean[][] edges) {
        this.edges = edges;
        this.mixing = metropolis(edges);
    }

    /** Graphs by name: ring, line, star, complete; or edges such as {@code 0-1,1-2}. */
    static Gossip of(String graph, int nodes) {
        if (nodes < 2 || nodes > 64) {
            throw new AttackException("a gossip graph has 2 to 64 nodes, not " + nodes);
        }
        boolean[][] edges = new boolean[nodes][nodes];
        switch (graph.toLowerCase(Locale.ROOT)) {
            case "ring" -> {
                for (int i = 0; i < nodes; i++) {
                    join(edges, i, (i + 1) % nodes);
                }
            }
            case "line" -> {
                for (int i = 0; i + 1 < nodes; i++) {
                    join(edges, i, i + 1);
                }
            }
            case "star" -> {
                // The attacker, node 0, is a leaf: its one neighbour is the hub.
                for (int i = 0; i < nodes; i++) {
                    join(edges, 1, i);
                }
            }
            case "complete" -> {
                for (int i = 0; i < nodes; i++) {
                    for (int j = 0; j < i; j++) {
                        join(edges, i, j);
                    }
                }
            }
            default -> listed(edges, graph);
        }
        Gossip gossip = new Gossip(edges);
        gossip.requireConnected(graph);
        return gossip;
    }

    private static void listed(boolean[][] edges, String graph) {
        for (String edge : graph.split("/", -1)) {
            String[] ends = edge.split("-", -1);
            try {
                join(edges, Integer.parseInt(ends[0]), Integer.parseInt(ends[1]));
            } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
                throw new AttackException(
                        "'" + graph + "' is no graph of " + edges.length
                                + " nodes: give ring, line, star, complete, or edges such as 0-1/1-2",
                        e);
            }
        }
    }

    private static void join(boolean[][] edges, int a, int b) {
        if (a != b) {
            edges[a][b] = true;
            edges[b][a] = true;
        }
    }

    private void requireConnected(String graph) {
        boolean[] reached = new boolean[edges.length];
        Deque<Integer> open = new ArrayDeque<>(List.of(0));
        reached[0] = true;
        while (!open.isEmpty()) {
            int at = open.pop();
            for (int j = 0; j < edges.length; j++) {
                if (edges[at][j] && !reached[j]) {
                    reached[j] = true;
                    open.push(j);
                }
            }
        }
        for (int i = 0; i < reached.length; i++) {
            if (!reached[i]) {
                throw new AttackException(
                        "the graph '" + graph + "' is not connected: nothing leads from node 0 to node " + i
                                + "; averages would never agree");
            }
        }
    }

    private static double[][] metropolis(boolean[][] edges) {
        int n = edges.length;
        int[] degrees = new int[n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                degrees[i] += edges[i][j] ? 1 : 0;
            }
        }
        double[][] mixing = new double[n][n];
        for (int i = 0; i < n; i++) {
            double rest = 1;
            for (int j = 0; j < n; j++) {
                if (edges[i][j]) {
                    mixing[i][j] = 1.0 / (1 + Math.max(degrees[i], degrees[j]));
                    rest -= mixing[i][j];
                }
            }
            mixing[i][i] = rest;
        }
        return mixing;
    }

    int nodes() {
        return edges.length;
    }

    boolean isNeighbour(int i) {
        return edges[0][i];
    }

    /**
     * Everything node 0 receives, in the order of {@link #observability}: float32, as it travels.
     *
     * @param values one vector a node
     */
    List<float[]> messages(List<float[]> values, int exchanges) {
        List<float[]> messages = new ArrayList<>();
        List<float[]> now = values;
        for (int t = 0; t <= exchanges; t++) {
            for (int j = 0; j < nodes(); j++) {
                if (j == 0 || isNeighbour(j)) {
                    messages.add(now.get(j));
                }
            }
            now = mixed(now);
        }
        return messages;
    }

    private List<float[]> mixed(List<float[]> now) {
        List<float[]> next = new ArrayList<>();
        for (double[] row : mixing) {
            double[] sum = new double[now.get(0).length];
            for (int j = 0; j < row.length; j++) {
                float[] value = now.get(j);
                for (int i = 0; row[j] != 0 && i < sum.length; i++) {
                    sum[i] += row[j] * value[i];
                }
            }
            float[] mean = new float[sum.length];
            for (int i = 0; i < mean.length; i++) {
                mean[i] = (float) sum[i];
            }
            next.add(mean);
        }
        return next;
    }

    /** O, one row for each of {@link #messages}. */
    private double[][] observability(int exchanges) {
        List<double[]> rows = new ArrayList<>();
        double[][] power = new double[nodes()][nodes()];
        for (int i = 0; i < nodes(); i++) {
            power[i][i] = 1;
        }
        for (int t = 0; t <= exchanges; t++) {
            for (int j = 0; j < nodes(); j++) {
                if (j == 0 || isNeighbour(j)) {
                    rows.add(power[j].clone());
                }
            }
            power = product(power, mixing);
        }
        return rows.toArray(double[][]::new);
    }

    private static double[][] product(double[][] a, double[][] b) {
        double[][] result = new double[a.length][b.length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < b.length; j++) {
                for (int k = 0; k < b.length; k++) {
                    result[i][j] += a[i][k] * b[k][j];
                }
            }
        }
        return result;
    }

    /**
     * Coefficients c that make the sum of some nodes' first vectors of the messages, {@code cᵀ O = wᵀ} with w 1 at these nodes.
     *
     * @return null if the messages do not tell it
     */
    double @Nullable [] coefficients(List<Integer> nodes, int exchanges) {
        double[][] o = observability(exchanges);
        // Gram-Schmidt on the rows: those that say nothing new drop out.
        List<double[]> basis = new ArrayList<>();
        List<double[]> combinations = new ArrayList<>();
        for (int r = 0; r < o.length; r++) {
            double[] rest = o[r].clone();
            double[] combination = new double[o.length];
            combination[r] = 1;
            for (int pass = 0; pass < 2; pass++) {
                for (int b = 0; b < basis.size(); b++) {
                    double product = product(rest, basis.get(b));
                    subtract(rest, basis.get(b), product);
                    subtract(combination, combinations.get(b), product);
                }
            }
            double length = Math.sqrt(product(rest, rest));
            if (length > 1e-6 * Math.sqrt(product(o[r], o[r]))) {
                basis.add(Arrays.stream(rest).map(x -> x / length).toArray());
                combinations.add(Arrays.stream(combination).map(x -> x / length).toArray());
            }
        }
        double[] wanted = new double[nodes()];
        nodes.forEach(node -> wanted[node] = 1);
        double[] coefficients = new double[o.length];
        for (int b = 0; b < basis.size(); b++) {
            double product = product(wanted, basis.get(b));
            subtract(wanted, basis.get(b), product);
            subtract(coefficients, combinations.get(b), -product);
        }
        return product(wanted, wanted) < ROUNDING ? coefficients : null;
    }

    private static double product(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static void subtract(double[] from, double[] what, double factor) {
        for (int i = 0; i < from.length; i++) {
            from[i] -= factor * what[i];
        }
    }
}
