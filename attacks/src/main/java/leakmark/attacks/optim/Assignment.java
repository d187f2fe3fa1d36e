package leakmark.attacks.optim;

import java.util.Arrays;

/** The one-to-one assignment of rows to columns with the largest sum, by the Hungarian method in O(rows² · columns). */
public final class Assignment {
    private Assignment() {}

    /**
     * Assigns every row, or every column if there are fewer.
     *
     * @param value {@code value[row][column]}, finite, as many columns in each row
     * @return the column of each row; −1 for a row without one
     */
    public static int[] largest(double[][] value) {
        int rows = value.length;
        int columns = rows == 0 ? 0 : value[0].length;
        int[] columnOf = new int[rows];
        Arrays.fill(columnOf, -1);
        if (rows <= columns) {
            int[] rowOf = assign(value, rows, columns);
            for (int column = 0; column < columns; column++) {
                if (rowOf[column] >= 0) {
                    columnOf[rowOf[column]] = column;
                }
            }
        } else {
            double[][] transposed = new double[columns][rows];
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < columns; column++) {
                    transposed[column][row] = value[row][column];
                }
            }
            return assign(transposed, columns, rows);
        }
        return columnOf;
    }

    /** Row of each column, −1 if free; {@code rows <= columns}. Rows enter one by one along shortest augmenting paths. */
    private static int[] assign(double[][] value, int rows, int columns) {
        double[] rowPotential = new double[rows];
        double[] columnPotential = new double[columns];
        int[] rowOf = new int[columns];
        Arrays.fill(rowOf, -1);
        for (int root = 0; root < rows; root++) {
            double[] slack = new double[columns];
            int[] before = new int[columns];
            boolean[] visited = new boolean[columns];
            Arrays.fill(slack, Double.POSITIVE_INFINITY);
            int current = -1;
            int row = root;
            do {
                int next = -1;
                for (int column = 0; column < columns; column++) {
                    if (!visited[column]) {
                        double reduced = -value[row][column] - rowPotential[row] - columnPotential[column];
                        if (reduced < slack[column]) {
                            slack[column] = reduced;
                            before[column] = current;
                        }
                        if (next < 0 || slack[column] < slack[next]) {
                            next = column;
                        }
                    }
                }
                double step = slack[next];
                rowPotential[root] += step;
                for (int column = 0; column < columns; column++) {
                    if (visited[column]) {
                        rowPotential[rowOf[column]] += step;
                        columnPotential[column] -= step;
                    } else {
                        slack[column] -= step;
                    }
                }
                visited[next] = true;
                current = next;
                row = rowOf[next];
            } while (row >= 0);
            while (current >= 0) {
                int previous = before[current];
                rowOf[current] = previous >= 0 ? rowOf[previous] : root;
                current = previous;
            }
        }
        return rowOf;
    }
}
