package leakmark.attacks.client;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import leakmark.attacks.AttackException;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.text.Tokenizer;

/**
 * Draws batches of different sentences. Longer sentences are cut, shorter ones stay as they are; sentences under three
 * tokens are left out, and of several that give the same tokens one is kept.
 */
public final class BatchSampler {
    private static final int FEWEST_TOKENS = 3;

    private final List<Sample> samples;
    private final Padding padding;
    private final int labels;

    /**
     * @param tokenizer text to ids
     * @param sentences what to draw from
     * @param sequenceLength most tokens of a sequence
     * @param padding decides the positions of shorter sequences
     * @param labels classes to draw labels from
     * @throws AttackException if {@code sequenceLength} is under three tokens
     */
    public BatchSampler(Tokenizer tokenizer, List<String> sentences, int sequenceLength, Padding padding, int labels) {
        int fewest = FEWEST_TOKENS + tokenizer.frameLength();
        if (sequenceLength < fewest) {
            throw new AttackException("a sequence needs at least " + fewest + " tokens, not " + sequenceLength);
        }
        int most = sequenceLength - tokenizer.frameLength();
        Map<List<Integer>, Sample> different = new LinkedHashMap<>();
        for (String sentence : sentences) {
            int[] tokens = tokenizer.encode(sentence);
            boolean cut = tokens.length > most;
            int[] kept = cut ? Arrays.copyOf(tokens, most) : tokens;
            if (kept.length >= FEWEST_TOKENS) {
                String text = cut ? tokenizer.decode(kept) : sentence;
                different.putIfAbsent(Arrays.stream(kept).boxed().toList(), new Sample(text, tokenizer.framed(kept)));
            }
        }
        this.samples = List.copyOf(different.values());
        this.padding = padding;
        this.labels = labels;
    }

    /** Sentences to draw from: different, and long enough. */
    public int usableSentences() {
        return samples.size();
    }

    /**
     * Draws without replacement; the same seed gives the same batch.
     *
     * @throws AttackException if there are fewer usable sentences than {@code batchSize}
     */
    public ClientBatch sample(int batchSize, long seed) {
        if (batchSize < 1) {
            throw new AttackException("a batch needs at least one sentence, not " + batchSize);
        }
        if (batchSize > samples.size()) {
            throw new AttackException("text has " + samples.size() + " usable sentences, the batch needs " + batchSize
                    + ": give more text (different sentences of at least " + FEWEST_TOKENS
                    + " tokens) or a smaller batch");
        }
        Random random = new Random(seed);
        List<Sample> shuffled = new ArrayList<>(samples);
        Collections.shuffle(shuffled, random);
        List<Sample> chosen = shuffled.subList(0, batchSize);
        int longest =
                chosen.stream().mapToInt(sample -> sample.tokens().length).max().orElseThrow();
        int[] offsets = new int[batchSize];
        int[] classes = new int[batchSize];
        for (int s = 0; s < batchSize; s++) {
            offsets[s] = padding == Padding.LEFT ? longest - chosen.get(s).tokens().length : 0;
            classes[s] = random.nextInt(labels);
        }
        return new ClientBatch(
                chosen.stream().map(Sample::text).toList(),
                new TokenBatch(chosen.stream().map(Sample::tokens).toList(), offsets, classes));
    }

    private record Sample(String text, int[] tokens) {}
}
