package leakmark.attacks.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import leakmark.attacks.AttackException;

/**
 * The built-in tokenizer: ids 0–255 are bytes, the next ones are words and word pieces of the built-in corpus by the
 * bytes they save, with the blank before a word in its token, as in GPT-2. A text is cut by the longest piece first; what
 * no piece covers goes byte by byte, so that every text has an encoding that decodes to itself. Ids beyond the pieces
 * are unused. Everyone who has the corpus and the vocabulary's size has the same ids.
 */
public final class WordTokenizer implements Tokenizer {
    private static final int BYTES = 256;
    private static final String UNUSED = "\uFFFD";

    private final Map<String, Integer> ids = new HashMap<>();
    private final byte[][] bytes;
    private final int longest;

    /**
     * A tokenizer with ids below {@code vocabularySize}.
     *
     * @throws AttackException if there is no room for the 256 bytes
     */
    public WordTokenizer(int vocabularySize) {
        if (vocabularySize < BYTES) {
            throw new AttackException("the built-in tokenizer needs a vocabulary of at least " + BYTES
                    + ", the model has " + vocabularySize);
        }
        List<String> pieces = Vocabulary.pieces(TextFile.corpus(TextProfile.ALL), vocabularySize - BYTES);
        bytes = new byte[BYTES + pieces.size()][];
        for (int id = 0; id < BYTES; id++) {
            bytes[id] = new byte[] {(byte) id};
        }
        int most = 1;
        for (int i = 0; i < pieces.size(); i++) {
            String piece = pieces.get(i);
            ids.put(piece, BYTES + i);
            bytes[BYTES + i] = utf8(piece);
            most = Math.max(most, piece.length());
        }
        longest = most;
    }

    /** Ids in use: bytes and pieces. */
    public int size() {
        return bytes.length;
    }

    @Override
    public int[] encode(String text) {
        int[] tokens = new int[text.length() * 3];
        int count = 0;
        int at = 0;
        while (at < text.length()) {
            int end = longestPiece(text, at);
            if (end > at) {
                tokens[count++] = ids.get(text.substring(at, end));
            } else {
                end = text.offsetByCodePoints(at, 1);
                for (byte value : utf8(text.substring(at, end))) {
                    tokens[count++] = value & 0xFF;
                }
            }
            at = end;
        }
        return Arrays.copyOf(tokens, count);
    }

    /** Decodes any ids; unused ones and broken UTF-8 give the replacement character. */
    @Override
    public String decode(int[] tokens) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        for (int token : tokens) {
            text.writeBytes(token >= 0 && token < bytes.length ? bytes[token] : utf8(UNUSED));
        }
        return text.toString(StandardCharsets.UTF_8);
    }

    /** End of the longest piece that starts here; {@code start} if there is none. */
    private int longestPiece(String text, int start) {
        for (int end = Math.min(text.length(), start + longest); end > start + 1; end--) {
            if (ids.containsKey(text.substring(start, end))) {
                return end;
            }
        }
        return ids.containsKey(text.substring(start, start + 1)) ? start + 1 : start;
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
