package leakmark.reports.result;

import java.util.List;
import java.util.Map;

/**
 * One batch as text: entry i of each list is sequence i.
 *
 * @param title what was attacked
 * @param params of the cell it comes from
 * @param trueText the client's sequences
 * @param recoveredText the recovered sequences, matched to the true ones; empty where nothing was recovered
 * @param exact whether every token of sequence i was recovered
 */
public record Example(
        String title,
        Map<String, String> params,
        List<String> trueText,
        List<String> recoveredText,
        List<Boolean> exact) {
    public Example {
        Values.required(title, "example.title");
        params = Values.map(params, "example.params");
        trueText = Values.list(trueText, "example.trueText");
        recoveredText = Values.list(recoveredText, "example.recoveredText");
        exact = Values.list(exact, "example.exact");
        if (recoveredText.size() != trueText.size() || exact.size() != trueText.size()) {
            throw new IllegalArgumentException("example '" + title + "' has " + trueText.size() + " true texts, "
                    + recoveredText.size() + " recovered texts and " + exact.size() + " exact marks");
        }
    }
}
