package leakmark.attacks.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Pieces of text ranked by the bytes they save: {@code occurrences × (bytes − 1)}. Whole words count in full, with and
 * without the blank before them; their other spellings (lower case, capitalised) and word pieces count a quarter, since
 * a word that is there makes its pieces rarer.
 */
final class Vocabulary {
    /** GPT-2's split: a word, a number or punctuation, each with the blank before it; contractions apart. */
    private static final Pattern PIECE =
            Pattern.compile("'(?:s|t|re|ve|m|ll|d)\\b| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+");

    private static final int SHORTEST_PART = 2;
    private static final int LONGEST_PART = 6;

    /** A whole word's weight over that of its parts and other spellings. */
    private static final int WHOLE = 4;

    /** Parts seen in a single word teach nothing about other words. */
    private static final int FEWEST_PARTS = 2;

    private Vocabulary() {}

    /** At most {@code most} pieces of more than one byte, best first; ties in alphabetical order. */
    static List<String> pieces(List<String> sentences, int most) {
        Map<String, Integer> words = new HashMap<>();
        for (String sentence : sentences) {
            Matcher matcher = PIECE.matcher(sentence);
            while (matcher.find()) {
                words.merge(matcher.group(), 1, Integer::sum);
            }
        }
        Map<String, Integer> counts = new HashMap<>();
        Map<String, Integer> parts = new HashMap<>();
        words.forEach((word, count) -> {
            counts.merge(word, WHOLE * count, Integer::sum);
            String letters = word.strip();
            if (!letters.isEmpty() && Character.isLetter(letters.charAt(0))) {
                addSpellings(letters, count, counts);
                if (word.codePointCount(0, word.length()) == word.length()) {
                    addParts(word, count, parts);
                }
            }
        });
        parts.forEach((part, count) -> {
            if (count >= FEWEST_PARTS) {
                counts.merge(part, count, Integer::sum);
            }
        });
        List<Ranked> ranked = new ArrayList<>();
        counts.forEach((piece, count) -> {
            int bytes = WordTokenizer.utf8(piece).length;
            if (bytes > 1) {
                ranked.add(new Ranked(piece, (long) count * (bytes - 1)));
            }
        });
        ranked.sort(Comparator.comparingLong(Ranked::saved).reversed().thenComparing(Ranked::piece));
        return ranked.stream().limit(most).map(Ranked::piece).toList();
    }

    private static void addSpellings(String letters, int count, Map<String, Integer> counts) {
        String lower = letters.toLowerCase(Locale.ROOT);
        String capitalised = lower.substring(0, 1).toUpperCase(Locale.ROOT) + lower.substring(1);
        for (String spelling : List.of(lower, capitalised)) {
            counts.merge(spelling, count, Integer::sum);
            counts.merge(" " + spelling, count, Integer::sum);
        }
    }

    private static void addParts(String word, int count, Map<String, Integer> parts) {
        for (int start = 0; start < word.length(); start++) {
            int end = Math.min(word.length(), start + LONGEST_PART);
            for (int stop = start + SHORTEST_PART; stop <= end; stop++) {
                parts.merge(word.substring(start, stop), count, Integer::sum);
            }
        }
    }

    private record Ranked(String piece, long saved) {}
}
