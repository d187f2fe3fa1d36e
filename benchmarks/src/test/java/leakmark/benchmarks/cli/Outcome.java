package leakmark.benchmarks.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/** One command, run in this process. */
record Outcome(int status, String output, String errors) {
    static Outcome of(String... args) {
        StringWriter output = new StringWriter();
        StringWriter errors = new StringWriter();
        int status = Main.run(new PrintWriter(output), new PrintWriter(errors), args);
        return new Outcome(status, output.toString(), errors.toString());
    }
}
