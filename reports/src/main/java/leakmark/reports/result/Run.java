package leakmark.reports.result;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a run was started: enough to start it again.
 *
 * @param startedAt ISO 8601 instant
 * @param gitRevision commit of the code; null outside a checkout
 * @param argv arguments of the command line
 * @param seed of every random number
 * @param protocol how time was taken: forks, warm-up, iterations, gates
 */
public record Run(
        String startedAt, @Nullable String gitRevision, List<String> argv, long seed, Map<String, String> protocol) {
    public Run {
        Values.required(startedAt, "run.startedAt");
        argv = Values.list(argv, "run.argv");
        protocol = Values.map(protocol, "run.protocol");
    }
}
