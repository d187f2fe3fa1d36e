package leakmark.attacks.model;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import leakmark.attacks.AttackException;

/** The JSON header of a safetensors file, checked against the file's size before anything is read. */
final class SafeTensorsHeader {
    static final String METADATA = "__metadata__";

    /** Largest array the JVM surely allocates. */
    private static final long MAXIMUM_VALUES = Integer.MAX_VALUE - 8;

    private static final int LONGEST_QUOTE = 100;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** Element types of the format. Only the float types are converted; the others may lie beside them. */
    enum Type {
        BOOL(1),
        U8(1),
        I8(1),
        F8_E4M3(1),
        F8_E5M2(1),
        U16(2),
        I16(2),
        F16(2),
        BF16(2),
        U32(4),
        I32(4),
        F32(4),
        U64(8),
        I64(8),
        F64(8);

        final int bytes;

        Type(int bytes) {
            this.bytes = bytes;
        }
    }

    /** One tensor: its bytes are {@code [begin, end)} of the data that follows the header. */
    static final class Entry {
        final String name;
        final Type type;
        final long begin;
        final long end;
        private final int[] shape;

        Entry(String name, Type type, int[] shape, long begin, long end) {
            this.name = name;
            this.type = type;
            this.shape = shape;
            this.begin = begin;
            this.end = end;
        }

        int[] shape() {
            return shape.clone();
        }

        int values() {
            return (int) ((end - begin) / type.bytes);
        }
    }

    private final Path file;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    /**
     * Reads and checks a header.
     *
     * @param json the header's bytes
     * @param dataBytes bytes of the file behind the header
     * @throws AttackException if it is not a header, or does not describe exactly these bytes
     */
    SafeTensorsHeader(Path file, byte[] json, long dataBytes) {
        this.file = file;
        JsonNode root = parse(json);
        if (!root.isObject()) {
            throw broken("its header is not a JSON object");
        }
        for (Map.Entry<String, JsonNode> property : root.properties()) {
            if (property.getKey().equals(METADATA)) {
                readMetadata(property.getValue());
            } else {
                entries.put(property.getKey(), entry(property.getKey(), property.getValue(), dataBytes));
            }
        }
        checkCoverage(dataBytes);
    }

    Map<String, Entry> entries() {
        return Collections.unmodifiableMap(entries);
    }

    Map<String, String> metadata() {
        return Collections.unmodifiableMap(metadata);
    }

    /** A name out of a file, fit for a one-line message. */
    static String quoted(String name) {
        String line = name.replaceAll("\\p{Cntrl}", "?");
        return line.length() <= LONGEST_QUOTE ? line : line.substring(0, LONGEST_QUOTE) + "...";
    }

    private JsonNode parse(byte[] json) {
        if (json.length == 0 || json[0] != '{') {
            throw broken("its header is not a JSON object");
        }
        try {
            return JSON.readTree(json);
        } catch (JacksonException e) {
            throw new AttackException(
                    file + ": not a safetensors file: its header is not JSON: " + quoted(e.getOriginalMessage()), e);
        } catch (IOException e) {
            throw new AttackException(file + ": not a safetensors file: its header is not JSON", e);
        }
    }

    private void readMetadata(JsonNode node) {
        if (!node.isObject()) {
            throw broken("its metadata is not a JSON object");
        }
        for (Map.Entry<String, JsonNode> property : node.properties()) {
            if (!property.getValue().isTextual()) {
                throw broken("its metadata value " + quoted(property.getKey()) + " is not a string");
            }
            metadata.put(property.getKey(), property.getValue().textValue());
        }
    }

    private Entry entry(String name, JsonNode node, long dataBytes) {
        Type type = type(name, node.path("dtype"));
        int[] shape = shape(name, node.path("shape"));
        JsonNode offsets = node.path("data_offsets");
        if (!offsets.isArray()
                || offsets.size() != 2
                || !offsets.path(0).canConvertToLong()
                || !offsets.path(1).canConvertToLong()
                || !offsets.path(0).isIntegralNumber()
                || !offsets.path(1).isIntegralNumber()) {
            throw broken("tensor " + quoted(name) + " has no pair of data_offsets");
        }
        long begin = offsets.path(0).longValue();
        long end = offsets.path(1).longValue();
        if (begin < 0 || begin > end) {
            throw broken("tensor " + quoted(name) + " has reversed or negative data_offsets " + begin + ", " + end);
        }
        if (end > dataBytes) {
            throw broken("tensor " + quoted(name) + " ends at byte " + end + " of the data, but there are " + dataBytes
                    + "; the file may be truncated, copy it again");
        }
        long expected = values(name, shape) * type.bytes;
        if (end - begin != expected) {
            throw broken("tensor " + quoted(name) + " has " + (end - begin) + " bytes, its shape and dtype need "
                    + expected);
        }
        return new Entry(name, type, shape, begin, end);
    }

    private Type type(String name, JsonNode node) {
        for (Type type : Type.values()) {
            if (type.name().equals(node.textValue())) {
                return type;
            }
        }
        throw broken("tensor " + quoted(name) + " has the unknown dtype " + quoted(node.asText("none")));
    }

    private int[] shape(String name, JsonNode node) {
        if (!node.isArray()) {
            throw broken("tensor " + quoted(name) + " has no shape");
        }
        int[] shape = new int[node.size()];
        for (int i = 0; i < shape.length; i++) {
            JsonNode extent = node.path(i);
            if (!extent.isIntegralNumber() || !extent.canConvertToInt() || extent.intValue() < 0) {
                throw broken("tensor " + quoted(name) + " has the impossible extent " + quoted(extent.toString()));
            }
            shape[i] = extent.intValue();
        }
        return shape;
    }

    private long values(String name, int[] shape) {
        long values = 1;
        for (int extent : shape) {
            // No overflow: both factors are below 2^31 while the check below holds.
            values *= extent;
            if (values > MAXIMUM_VALUES) {
                throw broken("tensor " + quoted(name) + " has more values than one array can hold");
            }
        }
        return values;
    }

    /** The format wants every byte of the data to belong to exactly one tensor. */
    private void checkCoverage(long dataBytes) {
        List<Entry> byPosition = new ArrayList<>(entries.values());
        byPosition.sort(Comparator.<Entry>comparingLong(e -> e.begin).thenComparingLong(e -> e.end));
        long position = 0;
        for (Entry entry : byPosition) {
            if (entry.begin < position) {
                throw broken("tensor " + quoted(entry.name) + " overlaps another one");
            }
            if (entry.begin > position) {
                throw broken("bytes " + position + " to " + entry.begin + " of the data belong to no tensor");
            }
            position = entry.end;
        }
        if (position != dataBytes) {
            throw broken("bytes " + position + " to " + dataBytes + " of the data belong to no tensor");
        }
    }

    private AttackException broken(String what) {
        return new AttackException(file + ": not a sound safetensors file: " + what);
    }
}
