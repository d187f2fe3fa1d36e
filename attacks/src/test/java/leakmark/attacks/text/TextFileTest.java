package leakmark.attacks.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import leakmark.attacks.AttackException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextFileTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @Test
    void profilesGrowInLength() {
        double[] mean = new double[3];
        for (int i = 0; i < 3; i++) {
            List<String> sentences = TextFile.corpus(TextProfile.values()[i]);
            assertTrue(sentences.size() >= 100);
            mean[i] = sentences.stream().mapToInt(String::length).average().orElseThrow();
        }
        assertTrue(mean[0] < mean[1] && mean[1] < mean[2]);
        assertEquals(
                TextFile.corpus(TextProfile.SHORT).size()
                        + TextFile.corpus(TextProfile.MEDIUM).size()
                        + TextFile.corpus(TextProfile.LONG).size(),
                TextFile.corpus(TextProfile.ALL).size());
    }

    @Test
    void oneSentenceALine() throws IOException {
        Path file = write("\uFEFFThe first.  \r\n\r\n \t\nThe second. It stays whole.");
        assertEquals(List.of("The first.", "The second. It stays whole."), TextFile.read(file, null));
    }

    @Test
    void paragraphsAreSplitAtSentenceEnds() throws IOException {
        String first = "Dr. no 4.5 " + "word ".repeat(70) + "ends?";
        String second = "\"So it does,\" said Mr Pope, e.g. here. (Or there!)".replace(". (", "! (");
        String text = first + " " + second + "  'Yes.' 7 more.";
        assertTrue(text.length() > 400);
        assertEquals(
                List.of(first, "\"So it does,\" said Mr Pope, e.g. here!", "(Or there!)", "'Yes.'", "7 more."),
                TextFile.read(write(text), null));
    }

    @Test
    void aColumnOfATable() throws IOException {
        Path file = write("id\tsentence\tlabel\n1\tIt was fine.\t1\n2\t\t0\n3\n4\tIt was not.\t0\n");
        assertEquals(List.of("It was fine.", "It was not."), TextFile.read(file, "sentence"));
        assertMessage(file, "text", "id, sentence, label");
    }

    @Test
    void errorsSayWhatIsWrong() throws IOException {
        assertMessage(directory.resolve("none.txt"), null, "no text file");
        assertMessage(directory, null, "no text file");
        assertMessage(write(" \n\n"), null, "no sentences");
        assertMessage(write(""), "sentence", "no sentences");
        Path latin = Files.write(directory.resolve("latin.txt"), "naïve".getBytes(StandardCharsets.ISO_8859_1));
        assertMessage(latin, null, "not UTF-8");
    }

    private Path write(String text) throws IOException {
        return Files.writeString(directory.resolve("text.txt"), text);
    }

    private static void assertMessage(Path file, @Nullable String column, String part) {
        AttackException failure = assertThrows(AttackException.class, () -> TextFile.read(file, column));
        String message = String.valueOf(failure.getMessage());
        assertTrue(message.contains(part) && message.lines().count() == 1, message);
    }
}
