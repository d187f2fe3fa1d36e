package leakmark.benchmarks.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import leakmark.attacks.model.Architecture;
import leakmark.attacks.model.Models;
import leakmark.attacks.model.SeededWeights;
import leakmark.benchmarks.jmh.GradientStore;

/**
 * What a run measures.
 *
 * @param kernels kernel benchmarks with their parameters
 * @param attacks attack cells
 */
record Plan(List<Cell> kernels, List<Cell> attacks) {
    /** Simple names of the benchmark classes. */
    static final String DAGER = "DagerBenchmark";

    static final String DLG = "DlgBenchmark";

    static final String MATCHING = "GradientMatchingBenchmark";

    static final String TEXT_MATCHING = "TextGradientMatchingBenchmark";

    private static final List<String> KERNELS =
            List.of("TokenFilterBenchmark", "RowSpaceBenchmark", "SequenceSearchBenchmark");

    /** The sweep alone, in short, where sizes are varied to fit exponents. */
    static final String SWEEP = "TokenFilterBenchmark.sweep";

    /** hiddenSize and vocabularySize: three corners and the middle, on logarithms; the fourth corner is measured at length. */
    private static final List<Map<String, String>> SIZES = List.of(
            Map.of("hiddenSize", "64", "vocabularySize", "1000"),
            Map.of("hiddenSize", "64", "vocabularySize", "50257"),
            Map.of("hiddenSize", "192", "vocabularySize", "8000"),
            Map.of("hiddenSize", "768", "vocabularySize", "1000"));

    private static final String SUPPORT = "SupportRecoveryBenchmark";

    /** Every axis a user may set. */
    static final List<String> AXES = List.of(
            "provider",
            "model",
            "weightStd",
            "seed",
            "batchSize",
            "sequenceLength",
            "hiddenSize",
            "vocabularySize",
            "rank");

    static final String PUBLISHED = "published";

    private static final String ENCODER = "bert-base";

    /**
     * One JMH call.
     *
     * @param benchmark simple class name, or that and a method
     * @param params the parameters set; all others are JMH's defaults
     */
    record Cell(String benchmark, Map<String, String> params) {
        boolean published() {
            return PUBLISHED.equals(params.get("provider"));
        }

        /** Whether one method is meant, not all of a class. */
        boolean isMethod() {
            return benchmark.indexOf('.') >= 0;
        }

        /** Whether one shot takes so long that warming up and repeating would show nothing more. */
        boolean isLong() {
            return "64".equals(params.get("attacks")) && benchmark.equals(DLG);
        }

        /** Whether evaluations of gradient matching are measured. */
        boolean isMatching() {
            return benchmark.equals(MATCHING) || benchmark.equals(TEXT_MATCHING);
        }

        /** Whether both sides take one core: a single attack does by itself. */
        boolean isOneCore() {
            return "1".equals(params.get("attacks")) && isMatching();
        }

        String description() {
            return benchmark.replace("Benchmark", "")
                    + (params.containsKey("vocabularySize")
                            ? " " + params.get("vocabularySize") + " × " + params.get("hiddenSize")
                            : "")
                    + (params.containsKey("sequenceLength")
                            ? " " + params.get("batchSize") + " × " + params.get("sequenceLength")
                            : "")
                    + (ENCODER.equals(params.get("model")) ? " " + ENCODER : "")
                    + (params.containsKey("attacks") ? " " + params.get("attacks") + " attacks" : "")
                    + (params.containsKey("rank") ? " rank " + params.get("rank") : "")
                    + (params.containsKey("provider") ? " " + params.get("provider") : "");
        }

        /** The gradient an attack cell needs. */
        GradientStore.Cell gradient() {
            return new GradientStore.Cell(
                    params.getOrDefault("model", ""),
                    Double.parseDouble(params.getOrDefault("weightStd", "0.02")),
                    Long.parseLong(params.getOrDefault("seed", "1")),
                    Integer.parseInt(params.getOrDefault("batchSize", "0")),
                    Integer.parseInt(params.getOrDefault("sequenceLength", "0")));
        }
    }

    private record Shape(int batchSize, int sequenceLength) {}

    /** Quick: 12 cells of the sweep, the large batch, and the published algorithm at 8 × 24: five minutes on two cores. */
    static Plan quick(Map<String, String> fixed, Map<String, List<String>> asked, boolean withPublished) {
        return of(
                new int[] {1, 4, 8, 16},
                new int[] {8, 16, 24},
                List.of(new Shape(32, 20)),
                List.of(new Shape(8, 24)),
                List.of(),
                fixed,
                asked,
                withPublished);
    }

    /**
     * Full: 22 cells of a decoder, three of an encoder, and the published algorithm at four sizes, which takes most of the
     * half hour.
     */
    static Plan full(Map<String, String> fixed, Map<String, List<String>> asked, boolean withPublished) {
        return of(
                new int[] {1, 2, 4, 8, 16},
                new int[] {8, 16, 24, 32},
                List.of(new Shape(32, 20), new Shape(24, 32)),
                List.of(new Shape(1, 24), new Shape(4, 16), new Shape(8, 24), new Shape(32, 20)),
                List.of(new Shape(8, 16), new Shape(8, 24), new Shape(32, 16)),
                fixed,
                asked,
                withPublished);
    }

    /**
     * Image inversion, all with the same optimiser, images and starts, so that evaluations are what differs.
     *
     * @param all one attack, and 64 at once; PyTorch's double backward at the first four of them, one after the other. Else
     *     one attack
     */
    static List<Cell> inversions(boolean all, boolean withPublished) {
        List<Cell> cells = new ArrayList<>();
        for (String attacks : all ? List.of("1", "64") : List.of("1")) {
            cells.add(inversion("vector", attacks));
        }
        if (all && withPublished) {
            cells.add(inversion(PUBLISHED, "4"));
        }
        return cells;
    }

    /** The kernel of image inversion; 64 attacks at once, and one on text, only if asked for {@code all}. */
    static List<Cell> matching(boolean all) {
        Cell one = new Cell(MATCHING, Map.of("attacks", "1"));
        return all
                ? List.of(
                        one,
                        new Cell(MATCHING, Map.of("attacks", "64")),
                        new Cell(TEXT_MATCHING, Map.of("attacks", "1")))
                : List.of(one);
    }

    private static Cell inversion(String provider, String attacks) {
        Map<String, String> params = new LinkedHashMap<>();
        params.put("model", "lenet");
        params.put("provider", provider);
        params.put("attacks", attacks);
        return new Cell(DLG, params);
    }

    private static Plan of(
            int[] batchSizes,
            int[] lengths,
            List<Shape> more,
            List<Shape> published,
            List<Shape> encoders,
            Map<String, String> fixed,
            Map<String, List<String>> asked,
            boolean withPublished) {
        List<Cell> attacks = new ArrayList<>();
        if (asked.containsKey("batchSize") || asked.containsKey("sequenceLength") || asked.containsKey("provider")) {
            for (String provider : asked.getOrDefault("provider", List.of("vector"))) {
                for (String batchSize : asked.getOrDefault("batchSize", List.of("8"))) {
                    for (String length : asked.getOrDefault("sequenceLength", List.of("24"))) {
                        attacks.add(attack(fixed, provider, batchSize, length));
                    }
                }
            }
        } else {
            List<Shape> shapes = new ArrayList<>();
            for (int batchSize : batchSizes) {
                for (int length : lengths) {
                    shapes.add(new Shape(batchSize, length));
                }
            }
            shapes.addAll(more);
            shapes.forEach(s -> attacks.add(attack(fixed, "vector", "" + s.batchSize, "" + s.sequenceLength)));
            if (!asked.containsKey("model")) {
                Map<String, String> encoder = new TreeMap<>(fixed);
                encoder.put("model", ENCODER);
                encoders.forEach(s -> attacks.add(attack(encoder, "vector", "" + s.batchSize, "" + s.sequenceLength)));
            }
            if (withPublished && isDecoder(fixed)) {
                published.forEach(s -> attacks.add(attack(fixed, PUBLISHED, "" + s.batchSize, "" + s.sequenceLength)));
            }
        }
        List<Cell> kernels = new ArrayList<>();
        KERNELS.forEach(name -> kernels.add(new Cell(name, Map.of())));
        kernels.addAll(SIZES.stream().map(sizes -> new Cell(SWEEP, sizes)).toList());
        if (!encoders.isEmpty() || !isDecoder(fixed)) {
            kernels.add(new Cell(SUPPORT, Map.of()));
        }
        return new Plan(List.copyOf(kernels), List.copyOf(attacks));
    }

    /** The published search for encoders does not end at most sizes: it is measured where it is asked for. */
    private static boolean isDecoder(Map<String, String> fixed) {
        return Models.open(fixed.getOrDefault("model", "gpt2"), 1, SeededWeights.DEFAULT_STANDARD_DEVIATION)
                        .configuration()
                        .architecture()
                != Architecture.BERT;
    }

    private static Cell attack(Map<String, String> fixed, String provider, String batchSize, String length) {
        Map<String, String> params = new LinkedHashMap<>(new TreeMap<>(fixed));
        params.put("provider", provider);
        params.put("batchSize", batchSize);
        params.put("sequenceLength", length);
        return new Cell(DAGER, params);
    }
}
