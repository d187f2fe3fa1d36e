package leakmark.reports.claims;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import leakmark.reports.result.ResultFileException;
import org.jspecify.annotations.Nullable;

/** The claims that come with the program: one YAML file each, named by {@code index.txt}. */
public final class ClaimSheets {
    private static final String FOLDER = "/leakmark/reports/claims/";

    private static final YAMLMapper MAPPER = YAMLMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .withConfigOverride(
                    List.class, override -> override.setSetterInfo(JsonSetter.Value.forValueNulls(Nulls.AS_EMPTY)))
            .build();

    private ClaimSheets() {}

    /** All claims, in the index's order. */
    public static List<ClaimSheet> all() {
        return text("index.txt")
                .lines()
                .filter(line -> !line.isBlank())
                .map(id -> parse(id + ".yaml", text(id + ".yaml")))
                .toList();
    }

    /**
     * The claims asked for, in the order asked; all if none is.
     *
     * @throws ResultFileException if there is no such claim
     */
    public static List<ClaimSheet> named(Collection<String> ids) {
        Map<String, ClaimSheet> byId = new LinkedHashMap<>();
        all().forEach(sheet -> byId.put(sheet.id(), sheet));
        if (ids.isEmpty()) {
            return List.copyOf(byId.values());
        }
        List<ClaimSheet> chosen = new ArrayList<>();
        for (String id : ids) {
            ClaimSheet sheet = byId.get(id.toUpperCase(java.util.Locale.ROOT));
            if (sheet == null) {
                throw new ResultFileException("no claim '" + id + "'; there are " + String.join(", ", byId.keySet()));
            }
            if (!chosen.contains(sheet)) {
                chosen.add(sheet);
            }
        }
        return chosen;
    }

    /**
     * Reads one claim.
     *
     * @throws ResultFileException if it is not YAML, or no claim
     */
    static ClaimSheet parse(String name, String yaml) {
        try {
            return MAPPER.readValue(yaml, ClaimSheet.class);
        } catch (JsonProcessingException e) {
            Throwable cause = e.getCause() instanceof IllegalArgumentException wrong ? wrong : e;
            throw new ResultFileException("claim " + name + " cannot be read: " + oneLine(cause.getMessage()));
        }
    }

    private static String oneLine(@Nullable String message) {
        return (message == null ? "" : message).lines().findFirst().orElse("").strip();
    }

    private static String text(String name) {
        try (InputStream stream = ClaimSheets.class.getResourceAsStream(FOLDER + name)) {
            if (stream == null) {
                throw new IllegalStateException("the program lacks " + FOLDER + name);
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
