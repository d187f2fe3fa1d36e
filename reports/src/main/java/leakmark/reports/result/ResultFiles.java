package leakmark.reports.result;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads and writes result files. The schema is the resource {@code /leakmark/reports/schema/result-1.schema.json}. */
public final class ResultFiles {
    static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            // A later minor version may add fields.
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private ResultFiles() {}

    /**
     * Reads a result file.
     *
     * @throws ResultFileException if it cannot be read, is truncated, or is of another schema or an unknown major
     */
    public static ResultFile read(Path path) {
        JsonNode tree = readTree(path);
        JsonNode version = tree.path("schemaVersion");
        if (!version.isTextual()) {
            throw new ResultFileException(
                    path + " is not a Leakmark result file: it has no schemaVersion. Give the file `run` wrote.");
        }
        if (!version.textValue().matches("1\\.\\d+\\.\\d+")) {
            throw new ResultFileException(path + " has schema version " + oneLine(version.textValue())
                    + ", this Leakmark reads 1.x. Use the Leakmark that wrote it.");
        }
        if (tree instanceof ObjectNode file) {
            // Older minor versions lack some: 1.0 galleries and claims, 1.1 comparisons, evidence, and half of a claim,
            // 1.2 predictions and launches.
            file.putIfAbsent("galleries", file.arrayNode());
            file.putIfAbsent("claims", file.arrayNode());
            file.putIfAbsent("comparisons", file.arrayNode());
            file.putIfAbsent("evidence", file.objectNode());
            if (file.get("evidence") instanceof ObjectNode evidence) {
                evidence.putIfAbsent("observations", file.arrayNode());
                evidence.putIfAbsent("latencies", file.arrayNode());
                evidence.putIfAbsent("profiles", file.arrayNode());
                evidence.putIfAbsent("predictions", file.arrayNode());
            }
            for (JsonNode entry : file.path("results")) {
                if (entry.path("cost") instanceof ObjectNode cost) {
                    cost.putIfAbsent("launches", cost.nullNode());
                }
            }
            for (JsonNode entry : file.get("claims")) {
                if (entry instanceof ObjectNode claim) {
                    for (String text : new String[] {"source", "scale"}) {
                        claim.putIfAbsent(text, claim.textNode(""));
                    }
                    for (String list : new String[] {"reported", "evidence"}) {
                        claim.putIfAbsent(list, claim.arrayNode());
                    }
                }
            }
        }
        try {
            return MAPPER.treeToValue(tree, ResultFile.class);
        } catch (ValueInstantiationException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new ResultFileException(path + " is not a valid result file: " + oneLine(cause.getMessage()));
        } catch (JsonProcessingException e) {
            throw new ResultFileException(path + " is not a valid result file: " + oneLine(e.getOriginalMessage()));
        }
    }

    /** Writes a result file, whole or not at all. */
    public static void write(ResultFile file, Path path) throws IOException {
        AtomicFile.write(path, MAPPER.writeValueAsString(file) + "\n");
    }

    static JsonNode readTree(Path path) {
        try {
            return MAPPER.readTree(Files.readAllBytes(path));
        } catch (JsonProcessingException e) {
            throw new ResultFileException(path + " is truncated or not JSON: " + oneLine(e.getOriginalMessage()));
        } catch (NoSuchFileException e) {
            throw new ResultFileException(path + " does not exist");
        } catch (IOException e) {
            throw new ResultFileException(path + " cannot be read: " + oneLine(e.toString()));
        }
    }

    private static String oneLine(@Nullable String message) {
        return (message == null ? "" : message).lines().findFirst().orElse("").strip();
    }
}
