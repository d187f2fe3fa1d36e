package leakmark.reports.result;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * One cell: a benchmark, a variant and parameters, with its speed and the recovery of that very run.
 *
 * @param key what was measured
 * @param codeHash hash of the code that ran; null if unknown
 * @param metric unit and direction of the score
 * @param status only {@link Status#OK} carries a score
 * @param reasons why the status is not OK; at least one then
 * @param quality recovery, such as {@link #EXACT_RATE}; what does not apply is absent, never 0
 * @param cost work of one operation; null if not counted
 * @param rounds forks × iterations, in the metric's unit
 * @param summary present exactly when the status is OK
 * @param split seconds of one operation by stage, in order of execution
 * @param counters other numbers, such as candidates tried
 */
public record Result(
        Key key,
        @Nullable String codeHash,
        Metric metric,
        Status status,
        List<String> reasons,
        Map<String, Double> quality,
        @Nullable Cost cost,
        List<List<Double>> rounds,
        @Nullable Summary summary,
        Map<String, Double> split,
        Map<String, Double> counters) {
    /** Share of sequences recovered exactly, 0 to 1. */
    public static final String EXACT_RATE = "exactRate";
    /** Share of attacks that recovered everything, 0 to 1, over several seeds. */
    public static final String SUCCESS_RATE = "successRate";
    /** Number of sequences attacked. */
    public static final String SEQUENCES = "sequences";
    /** Number of sequences recovered exactly. */
    public static final String EXACT_SEQUENCES = "exactSequences";
    /** ROUGE-1, 0 to 1. */
    public static final String ROUGE_1 = "rouge1";
    /** ROUGE-2, 0 to 1. */
    public static final String ROUGE_2 = "rouge2";
    /** Axis: sequences of a batch. */
    public static final String BATCH_SIZE = "batchSize";
    /** Axis: tokens of a sequence, or the most. */
    public static final String SEQUENCE_LENGTH = "sequenceLength";
    /** Axis: d of the model. */
    public static final String HIDDEN_SIZE = "hiddenSize";
    /** Axis: V of the model. */
    public static final String VOCABULARY_SIZE = "vocabularySize";
    /** Number of sequences the attack itself could verify, without the truth. */
    public static final String CERTIFIED = "certified";

    public Result {
        Values.required(key, "result.key");
        Values.required(metric, "result.metric");
        Values.required(status, "result.status");
        reasons = Values.list(reasons, "result.reasons");
        quality = Values.numbers(quality, "result.quality");
        rounds = Values.list(rounds, "result.rounds").stream()
                .map(round -> Values.list(round, "result.rounds"))
                .toList();
        rounds.forEach(round -> round.forEach(value -> Values.finite(value, "a value of result.rounds")));
        split = Values.numbers(split, "result.split");
        split.forEach((stage, seconds) -> Values.notNegative(seconds, "result.split." + stage));
        counters = Values.numbers(counters, "result.counters");
        if ((summary == null) == (status == Status.OK)) {
            throw new IllegalArgumentException(
                    key + " is " + status + (summary == null ? " without a summary" : " and must not carry a summary"));
        }
        if (status != Status.OK && reasons.isEmpty()) {
            throw new IllegalArgumentException(key + " is " + status + " without a reason");
        }
    }

    /** A parameter that is a size, or where a model stands for it, a counter; 0 if the cell has neither. */
    public double axis(String name) {
        String value = key.params().get(name);
        return value != null && value.matches("\\d{1,9}")
                ? Integer.parseInt(value)
                : Math.max(0, counters.getOrDefault(name, 0.0));
    }

    /** Seconds of one operation; empty without a score, or if the score is no time above 0. */
    public OptionalDouble seconds() {
        return summary == null ? OptionalDouble.empty() : inSeconds(summary.score());
    }

    /** A value in the metric's unit as seconds; empty if it is no time above 0. */
    public OptionalDouble inSeconds(double value) {
        OptionalDouble unit = Units.seconds(metric.unit());
        return unit.isEmpty() || !(value > 0) ? OptionalDouble.empty() : OptionalDouble.of(value * unit.getAsDouble());
    }

    /** This cell without its score, because of a gate: rounds, split and quality stay for diagnosis. */
    public Result without(Status newStatus, List<String> newReasons) {
        return new Result(key, codeHash, metric, newStatus, newReasons, quality, cost, rounds, null, split, counters);
    }

    /** This cell as a run of the code with that hash. */
    public Result withCode(@Nullable String hash) {
        return new Result(key, hash, metric, status, reasons, quality, cost, rounds, summary, split, counters);
    }

    /** What a cell is worth. */
    public enum Status {
        /** Measured, and every gate passed. */
        OK,
        /** Measured, but the recovery is below the gate: no score. */
        WITHHELD,
        /** Measured, but impossible: above a measured roof. */
        INVALID,
        /** Not measured on purpose. */
        SKIPPED,
        /** This machine or these parameters cannot have the cell: neither 0 nor a pass. */
        NOT_APPLICABLE,
        /** Not measured because something failed. */
        ERROR
    }

    /** Which way a score is better. */
    public enum Better {
        /** Times. */
        @JsonProperty("lower")
        LOWER,
        /** Rates. */
        @JsonProperty("higher")
        HIGHER
    }

    /**
     * Identity of a cell. Cells of one benchmark with equal params and different variants are compared.
     *
     * @param benchmark name
     * @param variant provider, or {@link #PUBLISHED} for the paper's own algorithm
     * @param params by name, such as {@code batchSize}
     */
    public record Key(String benchmark, String variant, Map<String, String> params) {
        /** The variant that every other one is compared with. */
        public static final String PUBLISHED = "published";

        public Key {
            Values.required(benchmark, "key.benchmark");
            Values.required(variant, "key.variant");
            params = Values.map(params, "key.params");
        }

        @Override
        public String toString() {
            return benchmark + (variant.isEmpty() ? "" : " " + variant) + (params.isEmpty() ? "" : " " + params);
        }
    }

    /**
     * What a score means.
     *
     * @param unit as JMH writes it, such as {@code ms/op}
     * @param better direction
     */
    public record Metric(String unit, Better better) {
        public Metric {
            Values.required(unit, "metric.unit");
            Values.required(better, "metric.better");
        }
    }

    /**
     * Work of one operation.
     *
     * @param flops floating-point operations
     * @param bytes bytes that must move
     * @param launches of kernels on a GPU; null where there are none
     */
    public record Cost(double flops, double bytes, @Nullable Integer launches) {
        public Cost {
            Values.notNegative(flops, "cost.flops");
            Values.notNegative(bytes, "cost.bytes");
        }

        /** Without launches. */
        public Cost(double flops, double bytes) {
            this(flops, bytes, null);
        }
    }
}
