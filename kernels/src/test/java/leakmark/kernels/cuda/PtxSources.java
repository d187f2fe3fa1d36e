package leakmark.kernels.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A source file together with the project's headers it includes. */
final class PtxSources {
    private static final Pattern INCLUDE = Pattern.compile("(?m)^\\s*#\\s*include\\s+\"([^\"]+)\"");

    private PtxSources() {}

    /** Names and texts of a file and all it includes by quotes, in the order of their names; line ends are \n. */
    static String withIncludes(Path file, List<Path> folders) {
        Map<String, String> texts = new TreeMap<>();
        collect(file, file.getFileName().toString(), folders, texts);
        StringBuilder all = new StringBuilder();
        texts.forEach((name, text) -> all.append(name).append('\0').append(text).append('\0'));
        return all.toString();
    }

    private static void collect(Path file, String name, List<Path> folders, Map<String, String> texts) {
        try {
            String text = Files.readString(file).replace("\r\n", "\n");
            if (texts.put(name, text) != null) {
                return;
            }
            INCLUDE.matcher(text).results().map(found -> found.group(1)).forEach(included -> {
                for (Path folder : candidates(file, folders)) {
                    Path found = folder.resolve(included);
                    if (Files.isRegularFile(found)) {
                        collect(found, included, folders, texts);
                        return;
                    }
                }
            });
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static List<Path> candidates(Path file, List<Path> folders) {
        return Stream.concat(Stream.of(file.toAbsolutePath().getParent()), folders.stream())
                .toList();
    }
}
