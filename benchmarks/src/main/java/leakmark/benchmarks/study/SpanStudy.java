package leakmark.benchmarks.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import leakmark.attacks.Task;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.client.ClientBatch;
import leakmark.attacks.model.Models;
import leakmark.attacks.model.ParameterNames;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;
import leakmark.reports.claims.ClaimSheet.Cell;

/**
 * The span of layer 1's inputs beside the column space of its gradient, in float64: dimensions, the sine of the largest
 * principal angle (its upper bound {@code ‖(I − QQᵀ)X‖_F}), and how many random vectors pass for members.
 */
final class SpanStudy implements Study {
    private static final int STRANGERS = 100_000;
    private static final double THRESHOLD = 1e-3;

    private final Clients clients;

    SpanStudy(Clients clients) {
        this.clients = clients;
    }

    @Override
    public Outcome measure(Cell cell) {
        Setting setting = new Setting(cell);
        PublicModel model = Models.open(setting.text("model"), Clients.SEED, Clients.STANDARD_DEVIATION);
        List<ClientBatch> batches = Clients.draw(
                        model.configuration(),
                        setting.number("sequenceLength"),
                        setting.number("seeds"),
                        setting.number("batchSize"))
                .batches();
        Random random = new Random(Clients.SEED);
        for (ClientBatch batch : batches) {
            Tensor gradient = clients.share(model, Task.CLASSIFICATION, batch).get(ParameterNames.queryKeyValue(0));
            List<double[]> space = basis(columns(gradient));
            List<double[]> inputs = basis(inputs(model, batch.tokens()));
            double squares = 0;
            for (double[] input : inputs) {
                double[] residual = input.clone();
                removeAll(residual, space);
                squares += dot(residual, residual);
            }
            setting.add(Map.of(
                    "rankOverTokens",
                    (double) space.size() / batch.tokens().tokens(),
                    "dimensionOverInputs",
                    (double) space.size() / inputs.size(),
                    "largestSine",
                    Math.sqrt(squares),
                    "falseAccepts",
                    (double) falseAccepts(space, model.configuration().hiddenSize(), random)));
        }
        return new Outcome(setting.observation(), null);
    }

    private static List<double[]> columns(Tensor tensor) {
        List<double[]> columns = new ArrayList<>();
        for (int c = 0; c < tensor.columns(); c++) {
            double[] column = new double[tensor.rows()];
            for (int r = 0; r < tensor.rows(); r++) {
                column[r] = tensor.data()[r * tensor.columns() + c];
            }
            columns.add(column);
        }
        return columns;
    }

    /** {@code scale · (e − mean) / √(var + ε) + shift} of token and position embeddings. */
    private static List<double[]> inputs(PublicModel model, TokenBatch batch) {
        int d = model.configuration().hiddenSize();
        float[] tokens = model.weight(ParameterNames.TOKEN_EMBEDDING).data();
        float[] positions = model.weight(ParameterNames.POSITION_EMBEDDING).data();
        float[] scale = model.weight(ParameterNames.attentionNormScale(0)).data();
        float[] shift = model.weight(ParameterNames.attentionNormShift(0)).data();
        List<double[]> inputs = new ArrayList<>();
        for (int s = 0; s < batch.sequences().size(); s++) {
            int[] sequence = batch.sequences().get(s);
            for (int i = 0; i < sequence.length; i++) {
                double[] x = new double[d];
                for (int k = 0; k < d; k++) {
                    x[k] = (double) tokens[sequence[i] * d + k] + positions[(batch.offsets()[s] + i) * d + k];
                }
                double mean = Arrays.stream(x).average().orElseThrow();
                double variance =
                        Arrays.stream(x).map(v -> (v - mean) * (v - mean)).sum() / d;
                double norm = Math.sqrt(variance + model.configuration().layerNormEpsilon());
                for (int k = 0; k < d; k++) {
                    x[k] = scale[k] * (x[k] - mean) / norm + shift[k];
                }
                inputs.add(x);
            }
        }
        return inputs;
    }

    /**
     * An orthonormal basis of the vectors' span: Gram-Schmidt twice with the largest remainder first, ended at the largest
     * gap between two remainders.
     */
    private static List<double[]> basis(List<double[]> vectors) {
        List<double[]> left = new ArrayList<>();
        vectors.forEach(vector -> left.add(vector.clone()));
        List<double[]> basis = new ArrayList<>();
        List<Double> sizes = new ArrayList<>();
        int most = Math.min(vectors.size(), vectors.get(0).length);
        while (basis.size() < most) {
            double[] largest = left.stream()
                    .max((a, b) -> Double.compare(dot(a, a), dot(b, b)))
                    .orElseThrow();
            double size = Math.sqrt(dot(largest, largest));
            sizes.add(size);
            if (!(size > 0)) {
                break;
            }
            double[] unit = scaled(largest, 1 / size);
            removeAll(unit, basis);
            unit = scaled(unit, 1 / Math.sqrt(dot(unit, unit)));
            basis.add(unit);
            for (double[] vector : left) {
                remove(vector, unit);
            }
        }
        int rank = basis.size();
        double widest = 1e3;
        for (int k = 0; k + 1 < sizes.size(); k++) {
            if (sizes.get(k) > widest * sizes.get(k + 1)) {
                widest = sizes.get(k) / sizes.get(k + 1);
                rank = k + 1;
            }
        }
        return basis.subList(0, rank);
    }

    private static long falseAccepts(List<double[]> space, int d, Random random) {
        long passed = 0;
        double[] stranger = new double[d];
        for (int i = 0; i < STRANGERS; i++) {
            for (int k = 0; k < d; k++) {
                stranger[k] = random.nextGaussian();
            }
            double whole = dot(stranger, stranger);
            double inside = 0;
            for (double[] unit : space) {
                double along = dot(unit, stranger);
                inside += along * along;
            }
            passed += whole - inside < THRESHOLD * THRESHOLD * whole ? 1 : 0;
        }
        return passed;
    }

    private static void removeAll(double[] vector, List<double[]> basis) {
        basis.forEach(unit -> remove(vector, unit));
    }

    private static void remove(double[] vector, double[] unit) {
        double along = dot(vector, unit);
        for (int k = 0; k < vector.length; k++) {
            vector[k] -= along * unit[k];
        }
    }

    private static double[] scaled(double[] vector, double factor) {
        return Arrays.stream(vector).map(v -> factor * v).toArray();
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int k = 0; k < a.length; k++) {
            sum += a[k] * b[k];
        }
        return sum;
    }
}
