package leakmark.reports.html;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.Collectors;
import leakmark.reports.html.TextDifference.Piece;
import org.junit.jupiter.api.Test;

class TextDifferenceTest {
    @Test
    void oneWordReplaced() {
        assertEquals(
                List.of(new Piece("the ", true), new Piece("cat", false), new Piece(" sat", true)),
                TextDifference.of("the cat sat", "the dog sat"));
    }

    @Test
    void insertedWordsAreMarkedOnOneSideOnly() {
        assertEquals(List.of(new Piece("a b", true)), TextDifference.of("a b", "a x b"));
        assertEquals(
                List.of(new Piece("a ", true), new Piece("x ", false), new Piece("b", true)),
                TextDifference.of("a x b", "a b"));
    }

    @Test
    void piecesGiveTheTextBack() {
        for (String text : List.of("", " ", "one", "  two  spaces ", "line\nbreak\ttab", "ä 漢字 🙂 end")) {
            for (String other : List.of("", "one", "two spaces", "漢字 end")) {
                assertEquals(
                        text,
                        TextDifference.of(text, other).stream().map(Piece::text).collect(Collectors.joining()));
            }
        }
    }

    @Test
    void textsTooLongToCompareAreMarkedAltogether() {
        String text = "w ".repeat(3_000);
        assertEquals(List.of(new Piece(text, false)), TextDifference.of(text, text + "v"));
    }
}
