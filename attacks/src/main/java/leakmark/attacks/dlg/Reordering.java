package leakmark.attacks.dlg;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** LAMP's four kinds of reordering: swap two tokens, move one token, move a stretch, bring the end to the front. */
final class Reordering {
    private Reordering() {}

    /** A random reordering of 0, …, length − 1. */
    static int[] random(Random random, int length) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            order.add(i);
        }
        int a = random.nextInt(length);
        int b = random.nextInt(length);
        int first = Math.min(a, b);
        int last = Math.max(a, b);
        switch (random.nextInt(4)) {
            case 0 -> java.util.Collections.swap(order, a, b);
            case 1 -> {
                int moved = order.get(a);
                order.subList(a, a + 1).clear();
                order.add(b, moved);
            }
            case 2 -> {
                List<Integer> stretch = new ArrayList<>(order.subList(first, last + 1));
                order.subList(first, last + 1).clear();
                order.addAll(random.nextInt(order.size() + 1), stretch);
            }
            default -> java.util.Collections.rotate(order, a);
        }
        return order.stream().mapToInt(Integer::intValue).toArray();
    }
}
