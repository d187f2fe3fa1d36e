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
import leakmark.attacks.dlg.BigramPrior;
import leakmark.attacks.dlg.LanguagePrior;
import leakmark.attacks.text.Tokenizer;

/** Draws batches of different sentences of one length, for attacks that know it: longer ones are cut, shorter left out. */
public final class FixedLengthSampler {
    private final Tokenizer tokenizer;
    private final List<int[]> sequences;
    private final int length;
    private final int labels;

    /**
     * @param length tokens of each, special tokens among them
     * @param labels classes to draw labels from
     */
    public FixedLengthSampler(Tokenizer tokenizer, List<String> sentences, int length, int labels) {
        this.tokenizer = tokenizer;
        this.length = length;
        this.labels = labels;
        Map<List<Integer>, int[]> different = new LinkedHashMap<>();
        for (String sentence : sentences) {
            int[] tokens = tokenizer.encode(sentence);
            int words = length - tokenizer.frameLength();
            if (tokens.length >= words && words > 0) {
                int[] cut = tokenizer.framed(Arrays.copyOf(tokens, words));
                different.putIfAbsent(Arrays.stream(cut).boxed().toList(), cut);
            }
        }
        this.sequences = List.copyOf(different.values());
    }

    /**
     * Batches, and the sentences that are in none of them.
     *
     * @param rest public text, for a language prior that must not know the batches
     */
    public record Draw(List<ClientBatch> batches, List<int[]> rest) {
        /** A prior that has not seen the batches. */
        public LanguagePrior prior(int vocabularySize) {
            return new BigramPrior(vocabularySize, rest);
        }
    }

    /**
     * Draws batches without replacement inside one; the same seed gives the same batches. Where the text is too small for
     * different batches, each is drawn anew.
     *
     * @throws AttackException if there are fewer usable sentences than {@code batchSize}
     */
    public Draw draw(int batches, int batchSize, long seed) {
        if (batchSize > sequences.size()) {
            throw new AttackException("text has " + sequences.size() + " sentences of at least " + length
                    + " tokens, the batch needs " + batchSize + ": give more text or a smaller batch");
        }
        Random random = new Random(seed);
        List<ClientBatch> drawn = new ArrayList<>();
        List<int[]> left = new ArrayList<>();
        boolean[] used = new boolean[sequences.size()];
        List<Integer> order = new ArrayList<>();
        for (int b = 0; b < batches; b++) {
            if (order.size() < batchSize) {
                order.clear();
                for (int i = 0; i < sequences.size(); i++) {
                    order.add(i);
                }
                Collections.shuffle(order, random);
            }
            List<int[]> chosen = new ArrayList<>();
            for (int i = 0; i < batchSize; i++) {
                int last = order.size() - 1;
                int index = order.get(last);
                order.subList(last, last + 1).clear();
                used[index] = true;
                chosen.add(sequences.get(index));
            }
            drawn.add(new ClientBatch(
                    chosen.stream().map(tokenizer::decode).toList(),
                    new TokenBatch(
                            chosen,
                            new int[batchSize],
                            random.ints(batchSize, 0, labels).toArray())));
        }
        for (int i = 0; i < used.length; i++) {
            if (!used[i]) {
                left.add(sequences.get(i));
            }
        }
        return new Draw(drawn, left);
    }
}
