package leakmark.attacks.client;

import static leakmark.attacks.model.ParameterNames.attentionOutput;
import static leakmark.attacks.model.ParameterNames.queryKeyValue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import leakmark.attacks.AttackException;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import leakmark.attacks.model.Weights;
import leakmark.kernels.Matrix;
import leakmark.kernels.dense.DenseAlgebra;

/**
 * Low-rank adapters (LoRA, Hu et al. 2022) on the attention's matrices: {@code W + A B} with A d × r and B r × m; only A and B
 * are trained. A's gradient is {@code Xᵀ D Bᵀ}: its columns span the inputs as those of {@code Xᵀ D} do, as long as their rank
 * stays below r. Where B is zero, as it is before the first step, that gradient is zero.
 */
final class LowRankAdapters {
    private static final double STD = 0.02;

    private final Map<String, Matrix> up = new TreeMap<>();
    private final Map<String, Tensor> merged = new HashMap<>();
    private final PublicModel model;

    /**
     * Adapters that server and client know.
     *
     * @param rank r
     * @param zero true for B as it is before the first step
     */
    LowRankAdapters(PublicModel base, int rank, boolean zero, long seed) {
        ModelConfiguration configuration = base.configuration();
        if (rank < 1 || rank > configuration.hiddenSize()) {
            throw new AttackException(
                    "an adapter's rank is from 1 to the hidden size " + configuration.hiddenSize() + ", not " + rank);
        }
        SplittableRandom random = new SplittableRandom(seed);
        List<String> names = new ArrayList<>(List.of(queryKeyValue(0), attentionOutput(0)));
        if (configuration.layers() > 1) {
            names.add(queryKeyValue(1));
        }
        for (String name : names) {
            Tensor weight = base.weight(name);
            Matrix a = normal(weight.rows(), rank, STD, random);
            Matrix b = normal(rank, weight.columns(), zero ? 0 : STD, random);
            float[] sum = DenseAlgebra.multiply(a, b).data();
            for (int i = 0; i < sum.length; i++) {
                sum[i] += weight.data()[i];
            }
            up.put(name, b);
            merged.put(name, new Tensor(weight.shape(), sum));
        }
        Weights weights = base.weights();
        this.model = new PublicModel(configuration, new Weights() {
            @Override
            public Set<String> names() {
                return weights.names();
            }

            @Override
            public Tensor get(String name) {
                Tensor own = merged.get(name);
                return own == null ? weights.get(name) : own;
            }
        });
    }

    private static Matrix normal(int rows, int columns, double std, SplittableRandom random) {
        Matrix matrix = Matrix.zeros(rows, columns);
        for (int i = 0; i < matrix.data().length; i++) {
            matrix.data()[i] = (float) (std * random.nextGaussian());
        }
        return matrix;
    }

    /** The model with its adapters. */
    PublicModel model() {
        return model;
    }

    /** Names of the matrices that have one. */
    Set<String> names() {
        return up.keySet();
    }

    /** Gradients of each A, under the name of its matrix: {@code ∂ℓ/∂W Bᵀ}, d × r. */
    Map<String, Tensor> down(Map<String, Tensor> gradient) {
        Map<String, Tensor> result = new TreeMap<>();
        up.forEach((name, b) -> {
            Tensor g = gradient.get(name);
            if (g == null) {
                throw new IllegalArgumentException("no gradient of " + name);
            }
            float[] turned =
                    Tensor.matrix(b.rows(), b.columns(), b.data()).transposed().data();
            float[] product = DenseAlgebra.multiply(
                            new Matrix(g.rows(), g.columns(), g.data()), new Matrix(b.columns(), b.rows(), turned))
                    .data();
            result.put(name, Tensor.matrix(g.rows(), b.rows(), product));
        });
        return result;
    }
}
