package leakmark.attacks.published;

import java.util.ArrayList;
import java.util.List;

/**
 * The sentences nearest to layer 2's span, no two alike: of sentences that agree at 70 % of their positions the nearest is
 * kept. (The published code keeps a worse one beside a better one that comes later; here the better takes its place.)
 */
final class NearestSentences {
    private static final double DISTINCT = 0.7;

    private final int most;
    private final List<Scored> kept = new ArrayList<>();

    /**
     * A sentence.
     *
     * @param tokens ids
     * @param distance mean distance of its layer-2 inputs from the span
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Scored(int[] tokens, double distance) {}

    /** @param most how many are kept */
    NearestSentences(int most) {
        this.most = most;
    }

    /** Whether a sentence at that distance could be kept. */
    boolean wants(double distance) {
        return kept.size() < most || distance < kept.get(kept.size() - 1).distance();
    }

    void offer(Scored sentence) {
        if (!wants(sentence.distance())
                || kept.stream()
                        .anyMatch(k -> k.distance() <= sentence.distance() && alike(k.tokens(), sentence.tokens()))) {
            return;
        }
        kept.removeIf(k -> alike(k.tokens(), sentence.tokens()));
        int at = 0;
        while (at < kept.size() && kept.get(at).distance() <= sentence.distance()) {
            at++;
        }
        kept.add(at, sentence);
        if (kept.size() > most) {
            kept.remove(most);
        }
    }

    /** Nearest first. */
    List<Scored> nearest() {
        return List.copyOf(kept);
    }

    /** As many equal positions as 70 % of the shorter sentence. */
    private static boolean alike(int[] a, int[] b) {
        int length = Math.min(a.length, b.length);
        int equal = 0;
        for (int i = 0; i < length; i++) {
            equal += a[i] == b[i] ? 1 : 0;
        }
        return equal >= DISTINCT * length;
    }
}
