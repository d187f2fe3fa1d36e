package leakmark.reports.html;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Word differences of two texts by their longest common subsequence. */
final class TextDifference {
    /** Between a word and white space, so that a mark ends with its word. */
    private static final Pattern EDGE = Pattern.compile("(?<=\\S)(?=\\s)|(?<=\\s)(?=\\S)");
    /** Above this, the two are marked as different altogether: the table of lengths would grow as their product. */
    private static final int MAXIMUM_PAIRS = 4_000_000;

    private TextDifference() {}

    /** A stretch of text, and whether the other text has it as well. */
    record Piece(String text, boolean same) {}

    /** The pieces of {@code text}; joined, they give it back. */
    static List<Piece> of(String text, String other) {
        String[] words = EDGE.split(text);
        String[] others = EDGE.split(other);
        boolean[] same = common(words, others);
        List<Piece> pieces = new ArrayList<>();
        int start = 0;
        for (int i = 1; i <= words.length; i++) {
            if (i == words.length || same[i] != same[start]) {
                pieces.add(new Piece(String.join("", List.of(words).subList(start, i)), same[start]));
                start = i;
            }
        }
        return pieces;
    }

    private static boolean[] common(String[] words, String[] others) {
        boolean[] same = new boolean[words.length];
        if ((long) words.length * others.length > MAXIMUM_PAIRS) {
            return same;
        }
        int[][] length = new int[words.length + 1][others.length + 1];
        for (int i = words.length - 1; i >= 0; i--) {
            for (int j = others.length - 1; j >= 0; j--) {
                length[i][j] = words[i].equals(others[j])
                        ? length[i + 1][j + 1] + 1
                        : Math.max(length[i + 1][j], length[i][j + 1]);
            }
        }
        int i = 0;
        int j = 0;
        while (i < words.length && j < others.length) {
            if (words[i].equals(others[j])) {
                same[i++] = true;
                j++;
            } else if (length[i + 1][j] >= length[i][j + 1]) {
                i++;
            } else {
                j++;
            }
        }
        return same;
    }
}
