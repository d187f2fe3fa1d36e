package leakmark.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.Reconstruction.Capacity;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.Task;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.client.ClientBatch;
import leakmark.attacks.dager.Certificate;
import leakmark.attacks.model.Models;
import org.junit.jupiter.api.Test;

class DagerOutcomeTest {
    private static final ModelOptions.Chosen CHOSEN =
            new ModelOptions.Chosen("tiny", 1, 0.02, Models.open("tiny", 1, 0.02));
    private static final int[] YES = {'y', 'e', 's'};
    private static final int[] NO = {'n', 'o', '.'};
    private static final ClientBatch TRUTH = new ClientBatch(
            List.of("yes", "no."), new TokenBatch(List.of(YES, NO), new int[] {0, 0}, new int[] {1, 0}));

    private static Reconstruction attack(double seconds, RecoveredSequence... sequences) {
        Map<String, Double> stages = new LinkedHashMap<>();
        stages.put("rank", seconds / 4);
        stages.put("filter", seconds * 3 / 4);
        return new Reconstruction(List.of(sequences), stages, new Capacity(5, 6, 64), Map.of());
    }

    @Test
    void certifiedAndExact() {
        Reconstruction all = attack(0.4, new RecoveredSequence(YES, 0), new RecoveredSequence(NO, 0));
        Certificate certificate = new Certificate(all, new int[] {1, 0}, List.of(), 1e-6, 1e-4, true, 0.2);
        DagerOutcome outcome =
                DagerOutcome.of(CHOSEN, "vector", Task.CLASSIFICATION, List.of(all), all, certificate, TRUTH);
        assertEquals(
                "2/2 sequences exact, certified, 0.40 s (rank 0.10, filter 0.30), input rank 5 and 6 of 64 prefixes",
                outcome.summary());
        assertEquals(ExitCode.FINE, outcome.exitCode());
        assertEquals(2, outcome.json().get("certified"));
        assertTrue(String.valueOf(outcome.json().get("certificate")).contains("seconds=0.2"));
    }

    /** What is sure of a batch that was not recovered whole is told, and as no more than that. */
    @Test
    void partsAreTold() {
        Reconstruction part = new Reconstruction(
                List.of(new RecoveredSequence(YES, 0)),
                Map.of("search", 0.1),
                null,
                List.of((int) 'n', (int) 'o'),
                List.of("equations: too few"),
                Map.of("certifiedByTokens", 1.0));
        Certificate certificate = new Certificate(part, new int[] {1}, List.of(), 0.7, 1e-4, false, 0.2);
        DagerOutcome outcome =
                DagerOutcome.of(CHOSEN, "vector", Task.CLASSIFICATION, List.of(part), part, certificate, TRUTH);
        StringWriter text = new StringWriter();
        outcome.print(new PrintWriter(text));
        assertTrue(text.toString().startsWith("1/2 sequences exact, not certified"), text.toString());
        assertTrue(text.toString().contains("\n  also in the batch: n o\n"), text.toString());
        assertEquals(1, outcome.json().get("certified"));
        assertEquals(List.of("n", "o"), outcome.json().get("unplacedTokens"));
        assertTrue(text.toString().contains("\n  limit: equations: too few\n"), text.toString());
        assertEquals(List.of("equations: too few"), outcome.json().get("limits"));
    }

    /** The certificate may complete a reconstruction; what it says is scored. */
    @Test
    void theCertificatesReconstructionIsScored() {
        Reconstruction cut = attack(0.4, new RecoveredSequence(new int[] {'y', 'e'}, 0), new RecoveredSequence(NO, 0));
        Reconstruction completed = attack(0.4, new RecoveredSequence(YES, 0), new RecoveredSequence(NO, 0));
        Certificate certificate = new Certificate(completed, new int[0], List.of(), 1e-6, 1e-4, true, 0.2);
        DagerOutcome outcome =
                DagerOutcome.of(CHOSEN, "vector", Task.NEXT_TOKEN, List.of(cut), cut, certificate, TRUTH);
        assertEquals(2, outcome.json().get("exactSequences"));
    }

    @Test
    void aMissingOneFailsTheGateAndIsNamed() {
        Reconstruction half = attack(1, new RecoveredSequence(YES, 0), new RecoveredSequence(NO, 1));
        Certificate certificate = new Certificate(half, new int[] {1, 0}, List.of(), 0.25, 1e-4, false, 0.2);
        DagerOutcome outcome = DagerOutcome.of(
                CHOSEN, "vector", Task.CLASSIFICATION, List.of(half, half, half), half, certificate, TRUTH);
        assertEquals(ExitCode.GATE_FAILED, outcome.exitCode());
        assertEquals(0, outcome.json().get("certified"));
        StringWriter text = new StringWriter();
        outcome.print(new PrintWriter(text));
        List<String> lines = text.toString().lines().toList();
        assertTrue(
                lines.get(0).contains("not certified (their gradient differs by 2.5e-01, float32 explains 1.0e-04)"));
        assertTrue(lines.get(0).contains(" median of 3"));
        // The same tokens at another position are another sequence.
        assertEquals(List.of("  ✓ yes", "  ✗ no.", "  not recovered: no."), lines.subList(1, 4));
    }
}
