package leakmark.attacks.defences;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import leakmark.attacks.AttackException;
import leakmark.attacks.defences.Defence.Trace;
import leakmark.attacks.model.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Defences of one client, in order; DP-SGD, which needs each example's own gradient, comes first. A specification is names
 * with parameters, joined by {@code +}: {@code top-k:0.3+bf16}.
 *
 * @param privacy DP-SGD, or null
 * @param chain the others
 */
public record Protection(@Nullable DpSgd privacy, List<Defence> chain) {
    public Protection {
        chain = List.copyOf(chain);
    }

    /** No protection. */
    public static Protection none() {
        return new Protection(null, List.of());
    }

    /**
     * Makes what a specification says.
     *
     * @throws AttackException if a name or a parameter is wrong, or DP-SGD does not come first
     */
    public static Protection parse(String specification) {
        DpSgd privacy = null;
        List<Defence> chain = new ArrayList<>();
        List<String> steps = List.of(specification.split("\\+", -1));
        for (int s = 0; s < steps.size(); s++) {
            List<String> words = Arrays.asList(steps.get(s).strip().split(":", -1));
            DefenceKind kind = DefenceKind.of(words.get(0));
            List<String> parameters = words.subList(1, words.size());
            if (kind != DefenceKind.DP_SGD) {
                chain.add(kind.make(parameters));
            } else if (s == 0) {
                privacy = privacy(parameters);
            } else {
                throw new AttackException("dp-sgd needs each example's gradient: put it first");
            }
        }
        return new Protection(privacy, chain);
    }

    private static DpSgd privacy(List<String> parameters) {
        String label = DefenceKind.DP_SGD.label();
        if (parameters.size() != 2) {
            throw new AttackException("defence " + label + " takes two parameters: " + DefenceKind.DP_SGD.parameter());
        }
        double clip = DefenceKind.number(label, parameters.get(0));
        String second = parameters.get(1);
        double multiplier = second.startsWith("eps=")
                ? RdpAccountant.noiseMultiplier(
                        DefenceKind.number(label, second.substring("eps=".length())), 1, 1, DpSgd.DELTA)
                : DefenceKind.number(label, second);
        if (!(clip > 0 && Double.isFinite(clip) && multiplier > 0 && Double.isFinite(multiplier))) {
            throw new AttackException("defence " + label + ": clipping norm and noise multiplier are positive, not "
                    + clip + " and " + multiplier);
        }
        return new DpSgd(clip, multiplier);
    }

    /** The specification. */
    public String label() {
        String label = Stream.concat(
                        Stream.ofNullable(privacy).map(DpSgd::label),
                        chain.stream().map(Defence::label))
                .collect(Collectors.joining("+"));
        return label.isEmpty() ? "none" : label;
    }

    /** True if nothing is done. */
    public boolean isNone() {
        return privacy == null && chain.isEmpty();
    }

    /** What an attacker who knows it expects. */
    public Trace trace() {
        return DefenceKind.traceOf(chain);
    }

    /** The chain without DP-SGD, on a gradient. */
    public SortedMap<String, Tensor> apply(Map<String, Tensor> gradient, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        SortedMap<String, Tensor> result = new TreeMap<>(gradient);
        for (Defence defence : chain) {
            result = defence.apply(result, random.split());
        }
        return result;
    }

    /** Bytes on the wire for a gradient of so many entries. */
    public double bytes(long entries) {
        WireFormat format = WireFormat.plain(entries);
        for (Defence defence : chain) {
            format = defence.wire(format);
        }
        return format.bytes();
    }
}
