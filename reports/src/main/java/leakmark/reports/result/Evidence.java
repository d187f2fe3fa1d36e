package leakmark.reports.result;

import java.util.List;

/**
 * Measurements that are no benchmark cells.
 *
 * @param observations of studies, value by value
 */
public record Evidence(List<Observation> observations) {
    public Evidence {
        observations = Values.list(observations, "evidence.observations");
    }

    /** Nothing. */
    public static Evidence none() {
        return new Evidence(List.of());
    }

    /** The same with other observations. */
    public Evidence with(List<Observation> newObservations) {
        return new Evidence(newObservations);
    }
}
