package leakmark.benchmarks.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.Reconstruction.Capacity;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.Task;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.client.ClientBatch;
import leakmark.attacks.dager.Certificate;
import leakmark.attacks.metrics.RecoveryScore;
import leakmark.attacks.text.Tokenizer;
import org.jspecify.annotations.Nullable;

/**
 * What an attack on one gradient came to, for people and for machines.
 *
 * @param chosen the model
 * @param provider the kernels' name
 * @param task what the client trained
 * @param repeats seconds of every attack, ascending
 * @param attack the attack with the median time
 * @param result what was recovered, completed by the certificate where there is one
 * @param certificate null if none was wanted
 * @param truth null if it is not known
 * @param score against the truth; null if that is not known
 */
record DagerOutcome(
        ModelOptions.Chosen chosen,
        String provider,
        Task task,
        List<Double> repeats,
        Reconstruction attack,
        Reconstruction result,
        @Nullable Certificate certificate,
        @Nullable ClientBatch truth,
        @Nullable RecoveryScore score) {
    static DagerOutcome of(
            ModelOptions.Chosen chosen,
            String provider,
            Task task,
            List<Reconstruction> attacks,
            Reconstruction median,
            @Nullable Certificate certificate,
            @Nullable ClientBatch truth) {
        Reconstruction result = certificate == null ? median : certificate.reconstruction();
        return new DagerOutcome(
                chosen,
                provider,
                task,
                attacks.stream().map(Reconstruction::seconds).toList(),
                median,
                result,
                certificate,
                truth,
                truth == null ? null : RecoveryScore.of(truth, result));
    }

    /** The gate: where the truth is known, every sequence of it must be exact. */
    ExitCode exitCode() {
        return score == null || score.exactSequences() == score.sequences() ? ExitCode.FINE : ExitCode.GATE_FAILED;
    }

    /** True sequences; 0 if the truth is not known. */
    int sequences() {
        return score == null ? 0 : score.sequences();
    }

    /** True sequences recovered to the last token. */
    int exactSequences() {
        return score == null ? 0 : score.exactSequences();
    }

    /** All, if their gradient is the shared one; else those that tokens of their own certify. */
    int certifiedSequences() {
        return certificate != null && certificate.certified()
                ? result.sequences().size()
                : attack.counters().getOrDefault("certifiedByTokens", 0.0).intValue();
    }

    /** The summary's line, then the recovered texts. */
    void print(PrintWriter out) {
        out.println(summary());
        Tokenizer tokenizer = chosen.tokenizer();
        for (int s = 0; s < result.sequences().size(); s++) {
            RecoveredSequence sequence = result.sequences().get(s);
            Boolean exact = exact(sequence);
            String mark = exact == null ? "" : exact ? "✓ " : "✗ ";
            out.println("  " + mark + tokenizer.decode(sequence.tokens()).replaceAll("\\R", " "));
            if (isUnmasked()) {
                out.println("    unmasked: " + tokenizer.decode(unmasked(s)).replaceAll("\\R", " "));
            }
        }
        if (!result.unplaced().isEmpty()) {
            out.println("  also in the batch: " + String.join(" ", unplaced()));
        }
        for (String limit : result.limits()) {
            out.println("  limit: " + limit);
        }
        for (String missing : missing()) {
            out.println("  not recovered: " + missing);
        }
        out.flush();
    }

    /** For example {@code 16/16 sequences exact, certified, 0.31 s (rank 0.05, ...), input rank 210 and ...}. */
    String summary() {
        List<String> parts = new ArrayList<>();
        parts.add(
                score == null
                        ? result.sequences().size() + " sequences recovered"
                        : score.exactSequences() + "/" + score.sequences() + " sequences exact");
        if (certificate != null) {
            parts.add(
                    certificate.certified()
                            ? "certified"
                            : String.format(
                                    Locale.ROOT,
                                    "not certified (their gradient differs by %.1e, float32 explains %.1e)",
                                    certificate.relativeError(),
                                    certificate.tolerance()));
        }
        String stages = attack.secondsByStage().entrySet().stream()
                .map(stage -> String.format(Locale.ROOT, "%s %.2f", stage.getKey(), stage.getValue()))
                .collect(Collectors.joining(", "));
        String time = String.format(Locale.ROOT, "%.2f s (%s)", attack.seconds(), stages);
        parts.add(repeats.size() == 1 ? time : time + " median of " + repeats.size());
        Double solves = attack.counters().get("solves");
        if (solves != null) {
            parts.add(String.format(Locale.ROOT, "by support recovery (%.0f solves)", solves));
        }
        Capacity capacity = attack.capacity();
        if (capacity != null) {
            parts.add("input rank " + capacity.inputRank() + " and " + capacity.distinctPrefixes() + " of "
                    + capacity.hiddenSize() + " prefixes");
        }
        return String.join(", ", parts);
    }

    /** The same for machines; what is not known is null. */
    Map<String, Object> json() {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("attack", "dager");
        json.put("model", chosen.name());
        json.put("seed", chosen.seed());
        json.put("weightStd", chosen.weightStd());
        json.put("task", task.label());
        json.put("provider", provider);
        json.put("sequences", score == null ? null : score.sequences());
        json.put("recoveredSequences", result.sequences().size());
        json.put("exactSequences", score == null ? null : score.exactSequences());
        json.put("certified", certificate == null ? null : certifiedSequences());
        json.put("rouge1", score == null ? null : score.rouge1());
        json.put("rouge2", score == null ? null : score.rouge2());
        json.put("tokenRecall", score == null ? null : score.tokenRecall());
        Map<String, Double> seconds = new LinkedHashMap<>(attack.secondsByStage());
        seconds.put("total", attack.seconds());
        json.put("seconds", seconds);
        json.put("repeats", repeats);
        json.put("capacity", attack.capacity());
        json.put("counters", attack.counters());
        json.put("certificate", certificateJson());
        json.put("recovered", recoveredJson());
        json.put("unplacedTokens", unplaced());
        json.put("limits", result.limits());
        json.put("notRecovered", score == null ? null : missing());
        return json;
    }

    private List<String> unplaced() {
        Tokenizer tokenizer = chosen.tokenizer();
        return result.unplaced().stream()
                .map(token -> tokenizer.decode(new int[] {token}).strip())
                .toList();
    }

    private @Nullable Map<String, Object> certificateJson() {
        return certificate == null
                ? null
                : Map.of(
                        "certified", certificate.certified(),
                        "relativeError", certificate.relativeError(),
                        "tolerance", certificate.tolerance(),
                        "seconds", certificate.seconds(),
                        "labels", certificate.labels());
    }

    private List<Map<String, @Nullable Object>> recoveredJson() {
        Tokenizer tokenizer = chosen.tokenizer();
        List<Map<String, @Nullable Object>> list = new ArrayList<>();
        for (int s = 0; s < result.sequences().size(); s++) {
            RecoveredSequence sequence = result.sequences().get(s);
            Map<String, @Nullable Object> entry = new LinkedHashMap<>();
            entry.put("text", tokenizer.decode(sequence.tokens()));
            entry.put("tokens", sequence.tokens());
            entry.put("offset", sequence.offset());
            entry.put("exact", exact(sequence));
            if (isUnmasked()) {
                entry.put("unmasked", tokenizer.decode(unmasked(s)));
                entry.put("unmaskedTokens", unmasked(s));
            }
            list.add(entry);
        }
        return list;
    }

    /** Whether what was masked is known: only a certificate makes it so. */
    private boolean isUnmasked() {
        return certificate != null
                && certificate.certified()
                && !certificate.targets().isEmpty();
    }

    /** A sequence as it was before it was masked. */
    private int[] unmasked(int index) {
        int[] tokens = result.sequences().get(index).tokens().clone();
        if (certificate != null) {
            int[] targets = certificate.targets().get(index);
            for (int i = 0; i < tokens.length; i++) {
                tokens[i] = targets[i] == TokenBatch.NO_TARGET ? tokens[i] : targets[i];
            }
        }
        return tokens;
    }

    /** Whether a recovered sequence is one of the batch's; null if the truth is not known. */
    private @Nullable Boolean exact(RecoveredSequence sequence) {
        if (truth == null) {
            return null;
        }
        TokenBatch batch = truth.tokens();
        for (int s = 0; s < batch.sequences().size(); s++) {
            if (isSame(batch, s, sequence)) {
                return true;
            }
        }
        return false;
    }

    /** True texts that no recovered sequence equals. */
    private List<String> missing() {
        List<String> missing = new ArrayList<>();
        if (truth != null) {
            TokenBatch batch = truth.tokens();
            for (int s = 0; s < batch.sequences().size(); s++) {
                int index = s;
                if (result.sequences().stream().noneMatch(sequence -> isSame(batch, index, sequence))) {
                    missing.add(truth.sentences().get(s));
                }
            }
        }
        return missing;
    }

    private static boolean isSame(TokenBatch batch, int index, RecoveredSequence sequence) {
        return batch.offsets()[index] == sequence.offset()
                && Arrays.equals(batch.sequences().get(index), sequence.tokens());
    }
}
