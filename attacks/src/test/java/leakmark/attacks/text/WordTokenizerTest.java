package leakmark.attacks.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import leakmark.attacks.AttackException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WordTokenizerTest {
    private static final WordTokenizer FULL = new WordTokenizer(50257);

    @ParameterizedTest
    @ValueSource(ints = {256, 257, 1000, 50257})
    void everyTextDecodesToItself(int vocabularySize) {
        WordTokenizer tokenizer = new WordTokenizer(vocabularySize);
        String[] texts = {
            "",
            " ",
            "The nurse didn't think so; the doctor — Müller — did.",
            "  two  blanks\tand\na line ",
            "日本語とемодзи 🙂🙃, naïve café",
            "\u0000\u007F\uFFFD",
            "antidisestablishmentarianism"
        };
        for (String text : texts) {
            assertRoundTrip(tokenizer, text, vocabularySize);
        }
        for (String sentence : TextFile.corpus(TextProfile.ALL)) {
            assertRoundTrip(tokenizer, sentence, vocabularySize);
        }
    }

    @Test
    void randomTextDecodesToItself() {
        Random random = new Random(5);
        for (int trial = 0; trial < 300; trial++) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 40; i++) {
                int point = random.nextInt(trial % 2 == 0 ? 0x80 : 0x11_0000);
                if (point < 0xD800 || point > 0xDFFF) {
                    text.appendCodePoint(point);
                }
            }
            assertRoundTrip(FULL, text.toString(), 50257);
        }
    }

    @Test
    void withoutPiecesTheIdsAreTheBytes() {
        assertArrayEquals(new int[] {'t', 'h', 'e', ' ', 0xC3, 0xA9}, new WordTokenizer(256).encode("the \u00e9"));
    }

    @Test
    void aCommonWordAndItsBlankAreOneToken() {
        for (String piece : new String[] {" the", "The", " and", " was", " The", " of", "the"}) {
            assertEquals(1, FULL.encode(piece).length, piece);
        }
        int[] tokens = FULL.encode("The rabbit was late");
        assertEquals(4, tokens.length);
        assertEquals(" was", FULL.decode(new int[] {tokens[2]}));
    }

    @Test
    void naturalTextTakesAboutATokenAWord() {
        int words = 0;
        int tokens = 0;
        for (String sentence : TextFile.corpus(TextProfile.MEDIUM)) {
            words += sentence.split("[ ’']").length;
            tokens += FULL.encode(sentence).length;
        }
        // A word, plus the punctuation of about one word in seven.
        assertTrue(tokens <= 1.3 * words, tokens + " tokens for " + words + " words");
    }

    @Test
    void textFromElsewhereIsFarShorterThanItsBytes() {
        String text =
                "Astronomers announced yesterday that the telescope had photographed an unexpectedly bright comet.";
        assertTrue(FULL.encode(text).length <= text.getBytes(StandardCharsets.UTF_8).length / 2.5);
    }

    @Test
    void aSmallerVocabularyIsTheLargerOneCut() {
        WordTokenizer small = new WordTokenizer(700);
        assertEquals(700, small.size());
        for (int id = 0; id < 700; id++) {
            assertEquals(FULL.decode(new int[] {id}), small.decode(new int[] {id}));
        }
    }

    @Test
    void unusedIdsDecodeToTheReplacementCharacter() {
        assertEquals("a\uFFFD\uFFFD", FULL.decode(new int[] {'a', 50256, -1}));
    }

    @Test
    void noRoomForBytesIsAnError() {
        assertThrows(AttackException.class, () -> new WordTokenizer(255));
    }

    private static void assertRoundTrip(WordTokenizer tokenizer, String text, int vocabularySize) {
        int[] tokens = tokenizer.encode(text);
        for (int token : tokens) {
            assertTrue(token >= 0 && token < vocabularySize);
        }
        assertEquals(text, tokenizer.decode(tokens));
    }
}
