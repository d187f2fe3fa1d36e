package leakmark.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever is wrong, it is said in one line, before the expensive work, and nothing is lost. */
class WrongUseTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path folder;

    @BeforeAll
    static void files() throws IOException {
        Files.writeString(folder.resolve("empty.txt"), "\n \n");
        Files.writeString(folder.resolve("two.txt"), "The river rose in the night.\nNobody heard the bell.\n");
        Files.writeString(folder.resolve("table.tsv"), "id\tsentence\n1\tThe river rose in the night.\n");
        Files.write(folder.resolve("latin.txt"), "Das Café am Fluß\n".getBytes(StandardCharsets.ISO_8859_1));
        Files.write(folder.resolve("short.safetensors"), new byte[] {1, 2, 3});
        Files.write(folder.resolve("lying.safetensors"), new byte[] {-1, -1, 0, 0, 0, 0, 0, 0, '{', '}'});
        Files.writeString(folder.resolve("there.safetensors"), "precious");
        Files.writeString(folder.resolve("broken.json"), "{\"schemaVersion\": ");
        Files.writeString(folder.resolve("future.json"), "{\"schemaVersion\": \"2.0.0\"}");
        Files.writeString(folder.resolve("other.json"), "[]");
        Files.writeString(folder.resolve("notJmh.json"), "[{\"benchmark\": 1}]");
        stored("wrongSeed.safetensors", "{\"__metadata__\":{\"model\":\"tiny\",\"seed\":\"soon\"}}");
        stored("taskless.safetensors", "{\"__metadata__\":{\"model\":\"tiny\"}}");
        stored("wrongModel.safetensors", "{\"__metadata__\":{\"model\":\"gpt9\"}}");
    }

    private static void stored(String name, String header) throws IOException {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        byte[] bytes = new byte[8 + text.length];
        bytes[0] = (byte) text.length;
        System.arraycopy(text, 0, bytes, 8, text.length);
        Files.write(folder.resolve(name), bytes);
    }

    /** {@code @} is the folder. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    ''                                                        | what to do\\? .*client, train, attack.*
                    fly                                                       | Unmatched argument.*'fly'.*
                    attack                                                    | which attack\\? dager, dlg; see leakmark attack --help
                    attack fly                                                | Unmatched argument.*
                    attack dager --batchsize 4                                | Unknown option.*--batchsize.*did you mean --batch-size.*
                    attack dager --batch-size four                            | .*--batch-size.*'four'.*
                    attack dager --task poetry                                | .*unknown task 'poetry', there are classification, next-token.*
                    attack dager --profile epic                               | .*unknown profile 'epic', there are short, medium, long, all.*
                    attack dager --padding top                                | .*unknown padding 'top', there are right, left.*
                    attack dager --model gpt9                                 | model gpt9 is neither a preset \\(tiny, small.*
                    attack dager --model @                                    | .*config.json.*
                    attack dager --provider abacus                            | unknown provider 'abacus'; there are cuda, vector, scalar
                    attack dager --repeat 0                                   | --repeat needs at least 1, not 0
                    attack dager --seeds 0                                    | --seeds needs at least 1, not 0
                    attack --gradient @/a.safetensors --seeds 2               | --gradient is one batch; leave out --seeds
                    attack dager --model tiny --sequence-length 65            | model tiny has 64 positions, .*65 tokens.*
                    attack dager --model tiny --sequence-length 2             | .*at least 3 tokens, not 2
                    attack dager --model tiny --batch-size 0                  | a batch needs at least one sentence, not 0
                    attack dager --model tiny --weight-std 0                  | the weights' standard deviation must be positive, got 0.0
                    attack dager --model tiny --text @/none.txt               | no text file at .*none.txt
                    attack dager --model tiny --text @/empty.txt              | text .*empty.txt has no sentences.*
                    attack dager --model tiny --text @/latin.txt              | text .*latin.txt is not UTF-8.*
                    attack dager --model tiny --text @/two.txt                | text has 2 usable sentences, the batch needs 8.*
                    attack dager --model tiny --text @/table.tsv --column x   | text .* has no column 'x'; its first line names id, sentence
                    attack dager --model tiny --column sentence               | --column is a column of --text FILE.*
                    attack dager --model tiny --text @/two.txt --profile long | --profile chooses built-in.*
                    attack dager --truth @/two.txt                            | --truth goes with --gradient.*
                    attack dager --gradient @/none.safetensors                | .*none.safetensors: no such file.*
                    attack dager --gradient @/short.safetensors               | .*: not a safetensors file: only 3 bytes long
                    attack --gradient @/lying.safetensors                     | .*: it claims a header of 65535 bytes and is 10 bytes long
                    attack --gradient @/wrongSeed.safetensors                 | .*its provenance has the seed 'soon', which is no number
                    attack --gradient @/wrongModel.safetensors                | model gpt9 is neither.*
                    attack --gradient @/taskless.safetensors                  | .*does not say what was trained; give the task.*
                    attack --gradient @/taskless.safetensors --task next-token| .*holds no gradient at all
                    attack --gradient @/a.safetensors --batch-size 4 --text x | --gradient brings its batch.*--batch-size, --text
                    attack --gradient @/two.txt --json @/two.txt              | .*two.txt is read by this command.*
                    attack --model tiny --json @                              | .* is a folder.*
                    attack --model tiny --json @/no/out.json                  | .*cannot be written: there is no folder .*no; make it first
                    attack dager --model tiny --defence gaussian:0            | defence gaussian: .* is above 0.0 and below 1.0, not 0.0
                    attack dager --model tiny --defence armour                | no defence is called 'armour'; there are gaussian, .*
                    attack dager --model tiny --defence dp-sgd:1:eps=1e-3     | ε = 0.001 at δ = 1.0E-5 cannot be met.*
                    attack dager --attacker clever                            | .*unknown attacker 'clever', there are unaware, aware.*
                    attack dager --gradient @/a.safetensors --defence bf16    | --defence is what a client drawn here does.*
                    client --model tiny --out @/u --defence top-k:0           | defence top-k: .*
                    attack dager --model tiny --local-epochs 2                | an update of unknown steps: .*--learning-rate
                    attack dager --model tiny --local-epochs 0 --mini-batch 1 --learning-rate 1 | local training needs at least one epoch.*
                    defences --quick --full                                   | --quick and --full contradict each other: give one
                    defences --only sandbags                                  | no defence is called 'sandbags'.*
                    defences --seeds 0                                        | --seeds is from 1 to 64, not 0
                    client --model tiny                                       | Missing required option: '--out=FILE'.*
                    client --model tiny --out @/no/u.safetensors              | .*there is no folder.*
                    client --model tiny --out @/two.txt/u.safetensors         | .*there is no folder.*
                    client --model tiny --out @                               | .* is a folder; name a file in it
                    client --model tiny --out @/there.safetensors             | .*is there already.*--force
                    client --model tiny --text @/two.txt --out @/two.txt --force | .*two.txt is read by this command.*
                    client --model tiny --out @/u --truth @/./u               | --out and --truth are the same file.*
                    client --model tiny --out @/u --json @/u                  | .*is read by this command.*|
                    ab                                                        | Missing required parameters: 'BASE', 'HEAD'.*
                    ab @/none.jar @/none.jar                                  | .*none.jar does not exist
                    ab @/two.txt @/two.txt                                    | .*two.txt is no jar that can be read: .*
                    ab no-such-revision HEAD                                  | no-such-revision is neither a jar nor a git revision.*
                    ab HEAD HEAD --rounds 5                                   | --rounds 5: a verdict needs at least 6
                    ab HEAD HEAD --tolerance 3                                | --tolerance 3.0: between 0 and 1.*
                    ab HEAD HEAD -p rank                                      | -p rank: say AXIS=VALUES.*
                    ab HEAD HEAD -r soon                                      | -r soon: a time such as 200ms or 1s
                    ab HEAD HEAD --markdown @/no/s.md                         | .*there is no folder.*
                    compare @/none.json @/none.json                           | .*none.json does not exist
                    compare @/broken.json @/broken.json                       | .*is truncated or not JSON.*
                    compare @/future.json @/future.json                       | .*schema version 2.0.0.*
                    compare @/notJmh.json @/notJmh.json                       | .*is not JMH JSON.*
                    selftest --rounds 2                                       | at least 6 --rounds.*
                    latency                                                   | Missing required parameter: 'WHAT'.*
                    latency flight                                            | nothing is called 'flight'; there are dager, vocabulary-sweep.*
                    latency dager --rate 0                                    | --seconds and --rate must be above 0.*
                    latency dager --model tiny --sequence-length 65           | .*--sequence-length 3 to 64, not 8 and 65
                    latency residuals --provider abacus                       | unknown provider 'abacus'.*
                    latency dager --out @/two.txt                             | .*cannot be made a folder.*
                    defences --no-dlg --no-dager --no-settings                | .*leave nothing to measure.*--jmh.*
                    profile flight                                            | nothing is called 'flight'.*
                    profile dager --seconds 0                                 | --seconds must be above 0.*
                    history                                                   | which\\? add, show, detect; see leakmark history --help
                    history add @/none.json --dir @/history                   | .*none.json does not exist
                    history add @/broken.json --dir @/history                 | .*is truncated or not JSON.*
                    history detect --dir @                                    | .*broken.json is truncated or not JSON.*
                    claims                                                    | which\\? list, verify; see leakmark claims --help
                    claims verify D99                                         | no claim 'D99'; there are D01, .*
                    claims verify --quick --full                              | --quick and --full contradict.*
                    claims verify --from @/none.json                          | .*none.json does not exist
                    claims verify --from @/future.json                        | .*schema version 2.0.0.*
                    claims verify --from @/broken.json --full                 | --from measures nothing.*
                    report @/none.json                                        | .*none.json does not exist
                    report @/broken.json                                      | .*is truncated or not JSON.*
                    report @/future.json                                      | .*schema version 2.0.0.*
                    report @/other.json                                       | .*not a Leakmark result file.*
                    """)
    void isOneLineAndExit2(String arguments, String message) {
        String[] args = arguments.isBlank()
                ? new String[0]
                : arguments.strip().replace("@", folder.toString()).split(" +", -1);
        Outcome outcome = Outcome.of(args);
        assertEquals(2, outcome.status(), outcome.errors());
        assertEquals("", outcome.output());
        assertTrue(outcome.errors().strip().matches("leakmark: " + message), outcome.errors());
    }

    @Test
    void nothingIsLostOrLeftBehind() throws IOException {
        byte[] before = Files.readAllBytes(folder.resolve("there.safetensors"));
        List<Path> files = list(folder);
        assertEquals(
                2,
                Outcome.of("client", "--model", "tiny", "--out", folder + "/there.safetensors")
                        .status());
        assertEquals(
                2,
                Outcome.of("client", "--model", "tiny", "--batch-size", "9999", "--out", folder + "/new")
                        .status());
        assertArrayEquals(before, Files.readAllBytes(folder.resolve("there.safetensors")));
        assertEquals(files, list(folder));
    }

    @Test
    void aFolderThatTakesNoFiles() {
        // Not even root writes there.
        Outcome outcome = Outcome.of("client", "--model", "tiny", "--out", "/proc/u.safetensors");
        assertEquals(2, outcome.status());
        assertTrue(
                outcome.errors().matches("leakmark: /proc/u.safetensors cannot be written: [^\n]*\n"),
                outcome.errors());
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }
}
