package leakmark.reports.result;

import java.util.List;

/**
 * Measurements that are no benchmark cells.
 *
 * @param observations of studies, value by value
 * @param latencies of single calls under a load
 * @param profiles of calls
 * @param predictions of devices that are not here
 */
public record Evidence(
        List<Observation> observations, List<Latency> latencies, List<Profile> profiles, List<Prediction> predictions) {
    public Evidence {
        observations = Values.list(observations, "evidence.observations");
        latencies = Values.list(latencies, "evidence.latencies");
        profiles = Values.list(profiles, "evidence.profiles");
        predictions = Values.list(predictions, "evidence.predictions");
    }

    /** Nothing. */
    public static Evidence none() {
        return new Evidence(List.of(), List.of(), List.of(), List.of());
    }

    /** Observations alone. */
    public static Evidence of(List<Observation> observations) {
        return new Evidence(observations, List.of(), List.of(), List.of());
    }
}
