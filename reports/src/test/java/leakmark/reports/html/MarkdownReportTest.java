package leakmark.reports.html;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import leakmark.reports.Samples;
import org.junit.jupiter.api.Test;

class MarkdownReportTest {
    @Test
    void everyTableRowHasItsHeadersColumns() {
        String text = MarkdownReport.render(Samples.sweep());
        int tables = 0;
        long columns = 0;
        for (String line : text.lines().toList()) {
            if (line.startsWith("|")) {
                long bars =
                        line.replace("\\|", "").chars().filter(c -> c == '|').count();
                tables += columns == 0 ? 1 : 0;
                assertTrue(columns == 0 || bars == columns, line);
                columns = bars;
            } else {
                columns = 0;
            }
        }
        assertEquals(2, tables);
    }

    @Test
    void recoveryStandsBesideEverySpeed() {
        List<String> rows = MarkdownReport.render(Samples.sweep()).lines().toList();
        assertTrue(rows.stream().anyMatch(row -> row.matches("\\| 8 \\| 16 \\| vector \\| 7/8 \\| .* ms \\| – \\|")));
        String withheld =
                rows.stream().filter(row -> row.contains("WITHHELD")).findAny().orElseThrow();
        assertEquals(
                "| 8 | 8 | vector | 3/8 | 0.813 | 0.688 | WITHHELD: exactRate 0.375 is below the gate 0.5 | – |",
                withheld);
        // The sample follows batchSize^1.1 · sequenceLength^0.6 with 4 % noise.
        assertTrue(rows.stream()
                .anyMatch(row -> row.matches("- Dager\\.reconstruct vector: time ∝ batchSize\\^1\\.(09|10|11) "
                        + "\\(.*\\) × sequenceLength\\^0\\.(58|59|60|61|62) \\(.*\\)")));
    }

    @Test
    void kernelsStandAgainstTheirRoof() {
        // 2·50257·768·32 FLOP at 151 GFLOP/s are 16.4 ms of the sample's 19.8 ms; streaming takes 9.4 ms.
        String row = MarkdownReport.render(Samples.sweep())
                .lines()
                .filter(line -> line.startsWith("| TokenFilter.filter | vector"))
                .findAny()
                .orElseThrow();
        assertTrue(
                row.matches(
                        "\\| TokenFilter\\.filter \\| vector \\| (19|20)\\.\\d ms \\| 8[1-5] % \\| fused multiply-add \\| 2\\.[01]\\d × \\|"),
                row);
    }

    /** By hand: 64 attacks in 40 s against 4 in 36 s are 1.6 against 1/9 a second; 2.4 ms against 0.3 ms are 8 times. */
    @Test
    void gradientMatchingStandsBesidePyTorch() {
        String text = MarkdownReport.render(Samples.inversions());
        assertTrue(text.contains("| vector | 64 | 40.0 s | 1.60 | 14.4 | 100 % | 3\u202f100 |"), text);
        assertTrue(text.contains("| published | 4 | 36.0 s | 0.111 | – | 75 % | 3\u202f300 |"), text);
        assertTrue(text.contains("| 300 µs | – | no roof measured for these threads | – | 8.00 × | 0.000 B |"), text);
    }

    @Test
    void nothingMeasuredIsSaid() {
        String text = MarkdownReport.render(Samples.empty());
        assertTrue(text.startsWith("**Nothing was measured.**"), text);
        assertFalse(text.contains("| ---"));
        assertTrue(text.contains("`./leakmark run dager --batch-size 1,2,4,8 --note 'two words'`"), text);
    }
}
