package leakmark.attacks.djl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import leakmark.attacks.AttackException;
import leakmark.attacks.text.Tokenizer;
import leakmark.attacks.text.WordTokenizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizersTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @Test
    void theModelsOwnTokenizerIsTaken() throws IOException {
        Path file = Files.writeString(directory.resolve("tokenizer.json"), smallBytePairs());
        Tokenizers.Choice choice = Tokenizers.of(directory, 9);
        assertEquals(file.toString(), choice.description());
        Tokenizer tokenizer = choice.tokenizer();
        // a=0 b=1 c=2 " "=3 ab=4 " ab"=5 <s>=6; no <s> although the file adds one.
        assertArrayEquals(new int[] {4, 5, 2, 3, 2}, tokenizer.encode("ab abc c"));
        assertEquals("ab abc c", tokenizer.decode(new int[] {4, 5, 2, 3, 2}));
        String text = "ab" + " ab".repeat(5000);
        int[] tokens = tokenizer.encode(text);
        assertEquals(5001, tokens.length);
        assertEquals(text, tokenizer.decode(tokens));
    }

    @Test
    void withoutOneItIsTheBuiltIn() {
        assertInstanceOf(WordTokenizer.class, Tokenizers.of(directory, 1000).tokenizer());
        Tokenizers.Choice choice = Tokenizers.of(null, 300);
        assertInstanceOf(WordTokenizer.class, choice.tokenizer());
        assertTrue(choice.description().contains("300 of 300"), choice.description());
    }

    @Test
    void aBrokenFileIsAnError() throws IOException {
        Files.writeString(directory.resolve("tokenizer.json"), "{\"model\": {}}");
        AttackException failure = assertThrows(AttackException.class, () -> Tokenizers.of(directory, 9));
        String message = String.valueOf(failure.getMessage());
        assertTrue(message.contains("tokenizer.json") && message.lines().count() == 1, message);
        assertThrows(AttackException.class, () -> new HuggingFaceTextTokenizer(directory.resolve("none")));
    }

    /** Byte-level pairs over "abc "; Ġ stands for the blank. The file also asks for a start token and truncation to 4. */
    private static String smallBytePairs() {
        return """
                {"version": "1.0",
                 "truncation": {"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0},
                 "padding": null,
                 "added_tokens": [{"id": 6, "content": "<s>", "single_word": false, "lstrip": false, "rstrip": false,
                   "normalized": false, "special": true}],
                 "normalizer": null,
                 "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true},
                 "post_processor": {"type": "TemplateProcessing",
                   "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
                   "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                   "special_tokens": {"<s>": {"id": "<s>", "ids": [6], "tokens": ["<s>"]}}},
                 "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true},
                 "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": "",
                   "end_of_word_suffix": "", "fuse_unk": false,
                   "vocab": {"a": 0, "b": 1, "c": 2, "Ġ": 3, "ab": 4, "Ġab": 5},
                   "merges": ["a b", "Ġ ab"]}}
                """;
    }
}
