package leakmark.kernels.scalar;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import leakmark.kernels.PrefixExtension;
import leakmark.kernels.PrefixTables;

/** Attention as its formula stands, in float64, with nothing cached but the tokens of the prefixes. */
final class ScalarPrefixExtension implements PrefixExtension {
    @Override
    public Search open(PrefixTables tables) {
        return new ScalarSearch(tables);
    }

    /** One token of a prefix: its row in the tables and its position. */
    private record Place(int token, int position) {}

    private static final class ScalarSearch implements Search {
        private final PrefixTables tables;
        private final int d;
        private final int headSize;
        private List<List<Place>> live = List.of();

        ScalarSearch(PrefixTables tables) {
            this.tables = tables;
            this.d = tables.hiddenSize();
            this.headSize = tables.headSize();
        }

        @Override
        public Survivors extend(int position, int[] candidates, double tolerance) {
            IntStream.Builder prefixes = IntStream.builder();
            IntStream.Builder tokens = IntStream.builder();
            for (int p = -1; p < live.size(); p++) {
                double[] x = new double[candidates.length];
                double squares = 0;
                for (int c = 0; c < candidates.length; c++) {
                    x[c] = test(extended(p, candidates[c], position));
                    squares += x[c] * x[c];
                }
                double limit = tolerance * Math.max(tolerance, Math.sqrt(squares / candidates.length));
                for (int c = 0; c < candidates.length; c++) {
                    if (x[c] * x[c] <= limit) {
                        prefixes.add(p);
                        tokens.add(candidates[c]);
                    }
                }
            }
            return new Survivors(
                    position,
                    prefixes.build().toArray(),
                    tokens.build().toArray(),
                    (live.size() + 1L) * candidates.length);
        }

        @Override
        public double[] attentionOutputs(Survivors survivors) {
            double[] result = new double[survivors.count() * d];
            for (int s = 0; s < survivors.count(); s++) {
                List<Place> places = extended(survivors.prefixes()[s], survivors.tokens()[s], survivors.position());
                double[] weights = weights(places);
                for (int j = 0; j < places.size(); j++) {
                    for (int e = 0; e < d; e++) {
                        result[s * d + e] +=
                                weights[e / headSize * places.size() + j] * projected(places.get(j), 2 * d + e);
                    }
                }
            }
            return result;
        }

        @Override
        public void accept(Survivors survivors) {
            List<List<Place>> next = new ArrayList<>();
            for (int s = 0; s < survivors.count(); s++) {
                next.add(extended(survivors.prefixes()[s], survivors.tokens()[s], survivors.position()));
            }
            live = next;
        }

        @Override
        public void close() {
            live = List.of();
        }

        private List<Place> extended(int prefix, int token, int position) {
            List<Place> places = new ArrayList<>(prefix < 0 ? List.of() : live.get(prefix));
            places.add(new Place(token, position));
            return places;
        }

        /** Entry e of 3d of a token's query, key and value. */
        private double projected(Place place, int e) {
            double token = tables.tokenQkv().at(place.token, e);
            double position = tables.positionQkv().at(place.position, e);
            return (token + position) * tables.inverseSigma().at(place.token, place.position) + tables.constantQkv()[e];
        }

        /** Softmax weights of the last place over all, H × n. */
        private double[] weights(List<Place> places) {
            int n = places.size();
            double[] weights = new double[tables.heads() * n];
            for (int h = 0; h < tables.heads(); h++) {
                double largest = Double.NEGATIVE_INFINITY;
                for (int j = 0; j < n; j++) {
                    double score = 0;
                    for (int e = h * headSize; e < (h + 1) * headSize; e++) {
                        score += projected(places.get(n - 1), e) * projected(places.get(j), d + e);
                    }
                    weights[h * n + j] = score / Math.sqrt(headSize);
                    largest = Math.max(largest, weights[h * n + j]);
                }
                double sum = 0;
                for (int j = 0; j < n; j++) {
                    weights[h * n + j] = Math.exp(weights[h * n + j] - largest);
                    sum += weights[h * n + j];
                }
                for (int j = 0; j < n; j++) {
                    weights[h * n + j] /= sum;
                }
            }
            return weights;
        }

        private double test(List<Place> places) {
            int n = places.size();
            int k = tables.sketch().columns();
            double[] weights = weights(places);
            double[] total = new double[k];
            double scale = 0;
            for (int h = 0; h < tables.heads(); h++) {
                double norms = 0;
                for (int j = 0; j < n; j++) {
                    double squared = 0;
                    for (int e = h * headSize; e < (h + 1) * headSize; e++) {
                        double value = projected(places.get(j), 2 * d + e);
                        squared += value * value;
                        for (int c = 0; c < k; c++) {
                            total[c] += weights[h * n + j] * tables.sketch().at(e, c) * value;
                        }
                    }
                    norms += weights[h * n + j] * Math.sqrt(squared);
                }
                scale += norms * norms;
            }
            double squared = 0;
            for (double value : total) {
                squared += value * value;
            }
            return Math.sqrt(squared / scale);
        }
    }
}
