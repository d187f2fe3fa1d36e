package leakmark.attacks.defences;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import leakmark.attacks.model.Tensor;

/**
 * DP-SGD (Abadi et al., CCS 2016): each example's gradient is cut to length C, their sum gets noise N(0, (zC)²) on every
 * entry, and is divided by their number.
 *
 * @param clip C
 * @param noiseMultiplier z
 */
public record DpSgd(double clip, double noiseMultiplier) {
    /** δ of what is stated. */
    public static final double DELTA = 1e-5;

    /** The specification that makes it. */
    public String label() {
        return "dp-sgd:" + clip + ":" + noiseMultiplier;
    }

    /** ε at {@link #DELTA} of one round in which every example takes part. */
    public double epsilon() {
        return RdpAccountant.epsilon(noiseMultiplier, 1, 1, DELTA);
    }

    /** What it promises, for people. */
    public String promise() {
        return String.format(Locale.ROOT, "ε = %.2f at δ = %.0e for one round", epsilon(), DELTA);
    }

    /**
     * The released mean.
     *
     * @param examples each example's own gradient, at least one, all of the same parameters
     */
    public SortedMap<String, Tensor> release(List<SortedMap<String, Tensor>> examples, RandomGenerator random) {
        List<Double> factors = new ArrayList<>();
        for (SortedMap<String, Tensor> example : examples) {
            factors.add(Math.min(1, clip / Entries.norm(example)));
        }
        SortedMap<String, Tensor> result = new TreeMap<>();
        double deviation = noiseMultiplier * clip;
        examples.get(0).forEach((name, first) -> {
            float[] mean = new float[first.data().length];
            for (int i = 0; i < mean.length; i++) {
                double sum = deviation * random.nextGaussian();
                for (int e = 0; e < examples.size(); e++) {
                    sum += factors.get(e) * values(examples.get(e), name)[i];
                }
                mean[i] = (float) (sum / examples.size());
            }
            result.put(name, new Tensor(first.shape(), mean));
        });
        return result;
    }

    private static float[] values(SortedMap<String, Tensor> example, String name) {
        Tensor tensor = example.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("an example has no gradient of " + name);
        }
        return tensor.data();
    }
}
