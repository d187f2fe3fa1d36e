package leakmark.reports.result;

import java.util.Map;

/**
 * Where a run was made.
 *
 * @param id hash of the stable fields alone
 * @param stable what stays over months: processor, cores, memory, accelerator
 * @param software operating system, JVM, libraries
 * @param state what changes by the minute: load, frequency governor, temperature
 */
public record Machine(String id, Map<String, String> stable, Map<String, String> software, Map<String, String> state) {
    public Machine {
        Values.required(id, "machine.id");
        stable = Values.map(stable, "machine.stable");
        software = Values.map(software, "machine.software");
        state = Values.map(state, "machine.state");
    }
}
