package leakmark.attacks.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import leakmark.attacks.AttackException;
import org.jspecify.annotations.Nullable;

/** Sentences of the built-in corpus or of a user's file. */
public final class TextFile {
    /** Longer lines are paragraphs, not sentences. */
    private static final int PARAGRAPH = 400;

    /** Blanks after a sentence's end, with its closing quotes, and before a capital, a digit or an opening quote. */
    private static final Pattern SENTENCE_END = Pattern.compile("(?<=[.!?][\"'”’)]{0,2})\\s+(?=[\\p{Lu}\\p{N}\"'“‘(])");

    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private TextFile() {}

    /** The built-in sentences of a profile, in the corpus's order. */
    public static List<String> corpus(TextProfile profile) {
        if (profile == TextProfile.ALL) {
            List<String> all = new ArrayList<>();
            for (TextProfile each : TextProfile.values()) {
                if (each != TextProfile.ALL) {
                    all.addAll(corpus(each));
                }
            }
            return List.copyOf(all);
        }
        String resource = "/leakmark/corpus/" + profile.label() + ".txt";
        try (InputStream stream = TextFile.class.getResourceAsStream(resource)) {
            if (stream == null) {
                throw new IllegalStateException("the jar lacks its resource " + resource);
            }
            String text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            return text.lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /**
     * Sentences of a UTF-8 file: one a line, blank lines skipped; a line longer than 400 characters is a paragraph and is
     * split after sentence ends.
     *
     * @param file the file
     * @param column null for plain text; otherwise the file is tab-separated, its first line names the columns, and this
     *     one is read
     * @throws AttackException if the file is missing, empty or not UTF-8, or has no such column
     */
    public static List<String> read(Path file, @Nullable String column) {
        List<String> lines = decode(file).lines().toList();
        List<String> sentences = new ArrayList<>();
        for (String line : column == null ? lines : column(file, lines, column)) {
            String text = line.strip();
            if (text.length() > PARAGRAPH) {
                sentences.addAll(Arrays.asList(SENTENCE_END.split(text)));
            } else if (!text.isEmpty()) {
                sentences.add(text);
            }
        }
        if (sentences.isEmpty()) {
            throw new AttackException("text " + file + " has no sentences; give one sentence a line");
        }
        return List.copyOf(sentences);
    }

    private static List<String> column(Path file, List<String> lines, String column) {
        if (lines.isEmpty()) {
            return lines;
        }
        List<String> names =
                Arrays.stream(lines.get(0).split("\t", -1)).map(String::strip).toList();
        int index = names.indexOf(column);
        if (index < 0) {
            throw new AttackException("text " + file + " has no column '" + column + "'; its first line names "
                    + String.join(", ", names));
        }
        return lines.stream()
                .skip(1)
                .map(line -> line.split("\t", -1))
                .filter(fields -> fields.length > index)
                .map(fields -> fields[index])
                .toList();
    }

    private static String decode(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new AttackException("no text file at " + file);
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                    .toString();
            return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
        } catch (CharacterCodingException failure) {
            throw new AttackException("text " + file + " is not UTF-8; convert it first", failure);
        } catch (IOException failure) {
            throw new AttackException("text " + file + " cannot be read: " + failure.getMessage(), failure);
        }
    }

    /** Texts of at least so many tokens: sentences that follow each other, joined. */
    public static List<String> joined(List<String> sentences, Tokenizer tokenizer, int tokens) {
        List<String> documents = new ArrayList<>();
        StringBuilder document = new StringBuilder();
        for (String sentence : sentences) {
            document.append(document.isEmpty() ? "" : " ").append(sentence);
            if (tokenizer.encode(document.toString()).length >= tokens) {
                documents.add(document.toString());
                document.setLength(0);
            }
        }
        return documents;
    }
}
