package leakmark.attacks.client;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import leakmark.attacks.AttackException;
import leakmark.attacks.defences.Protection;

/**
 * All that a client does against attacks: how it trains, and what it does to its gradient. A specification joins the steps of
 * both by {@code +}: {@code batch:8+dropout:0.1+bf16}.
 *
 * @param label the specification as results spell it
 * @param practices with their parameters; NaN for those without
 * @param protection of the gradient, new: some keep what they did not send
 */
public record ClientDefence(String label, Map<Practice, Double> practices, Protection protection) {
    private static final String NONE = "none";

    public ClientDefence {
        practices = Map.copyOf(practices);
    }

    /**
     * Makes what a specification says; {@code none} is nothing.
     *
     * @throws AttackException if a name or a parameter is wrong
     */
    public static ClientDefence parse(String specification) {
        if (specification.strip().equals(NONE)) {
            return new ClientDefence(NONE, Map.of(), Protection.none());
        }
        Map<Practice, Double> practices = new EnumMap<>(Practice.class);
        List<String> steps = new ArrayList<>();
        List<String> rest = new ArrayList<>();
        for (String step : specification.split("\\+", -1)) {
            List<String> words = Arrays.asList(step.strip().split(":", -1));
            Practice.named(words.get(0))
                    .ifPresentOrElse(
                            practice -> {
                                steps.add(step.strip());
                                if (practices.put(practice, parameter(practice, words)) != null) {
                                    throw new AttackException("defence " + practice.label() + " is given twice");
                                }
                            },
                            () -> rest.add(step));
        }
        Protection protection = rest.isEmpty() ? Protection.none() : Protection.parse(String.join("+", rest));
        if (!protection.isNone()) {
            steps.add(protection.label());
        }
        return new ClientDefence(String.join("+", steps), practices, protection);
    }

    private static double parameter(Practice practice, List<String> words) {
        String meaning = practice.parameter();
        if (meaning == null) {
            if (words.size() > 1) {
                throw new AttackException("defence " + practice.label() + " takes no parameter; leave out "
                        + String.join(":", words.subList(1, words.size())));
            }
            return Double.NaN;
        }
        try {
            double value = words.size() == 2 ? Double.parseDouble(words.get(1)) : Double.NaN;
            if (practice.allows(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw new AttackException("defence " + practice.label() + ": '" + words.get(1) + "' is no number", e);
        }
        throw new AttackException("defence " + practice.label() + " takes one parameter, " + meaning + "; not '"
                + String.join(":", words) + "'");
    }

    /** A practice's whole number. */
    public int number(Practice practice, int otherwise) {
        Double value = practices.get(practice);
        return value == null ? otherwise : (int) Math.rint(value);
    }

    /** Part of the values dropped; 0 for none. */
    public double dropout() {
        return practices.getOrDefault(Practice.DROPOUT, 0.0);
    }

    /** True if what is shared is the gradient of the model as the server knows it, unchanged. */
    public boolean isExact() {
        return protection.isNone() && !practices.containsKey(Practice.DROPOUT);
    }
}
