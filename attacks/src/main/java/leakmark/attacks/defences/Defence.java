package leakmark.attacks.defences;

import java.util.SortedMap;
import java.util.random.RandomGenerator;
import leakmark.attacks.model.Tensor;

/** One step of a client's protection: gradient in, gradient out. What it is, is public; its random numbers are not. */
public interface Defence {
    /** The specification that makes it, such as {@code gaussian:1.0E-4}. */
    String label();

    /**
     * Changes a gradient; the given tensors stay as they are.
     *
     * @param gradient by parameter name
     * @param random of this client and round
     * @throws leakmark.attacks.AttackException if the gradient cannot be sent so
     */
    SortedMap<String, Tensor> apply(SortedMap<String, Tensor> gradient, RandomGenerator random);

    /** How the result travels, given how what it gets would. */
    WireFormat wire(WireFormat before);

    /** What an attacker who knows the protocol knows of the result. */
    Trace trace();

    /** What a defence leaves behind. */
    enum Trace {
        /** Every entry is off by something independent of it, or by rounding. */
        NOISE,
        /** Entries are missing; those that are there are right. */
        SPARSE,
        /** Only signs are left. */
        SIGNS
    }
}
