package leakmark.kernels.cuda;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** g++'s sanitizers, each with a program that replays recordings on kernels built with it. */
enum Sanitizer {
    ADDRESS_AND_UNDEFINED,
    THREAD;

    private HostCompiler compiler() {
        return switch (this) {
            case ADDRESS_AND_UNDEFINED ->
                new HostCompiler(
                        "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-O1", "-DSTAND_IN_SANITIZED");
            case THREAD -> new HostCompiler("-fsanitize=thread", "-O1", "-DSTAND_IN_SANITIZED");
        };
    }

    /** The program for these kernels. */
    Path program(List<Path> sources) {
        return compiler().replay(sources);
    }

    /** Replays recordings; the status is 0 if nothing was found. */
    static HostCompiler.Outcome replay(Path program, long order, List<Path> recordings) {
        List<String> command = new ArrayList<>(List.of(program.toString(), Long.toString(order)));
        recordings.forEach(recording -> command.add(recording.toString()));
        return HostCompiler.run(HostCompiler.root(), command);
    }
}
