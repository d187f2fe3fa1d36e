package leakmark.attacks.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import leakmark.attacks.AttackException;
import leakmark.attacks.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SafeTensorsTest {
    @TempDir
    Path directory;

    /** A file of the given header and data, put together without the writer. */
    private Path file(String header, byte... data) throws IOException {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        return raw(text.length, text, data);
    }

    private Path raw(long length, byte[] header, byte... data) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(length).put(header).put(data);
        return Files.write(directory.resolve("hand.safetensors"), bytes.array());
    }

    private static String line(Path file) {
        String message = Refusal.of(() -> {
            try (SafeTensors opened = SafeTensors.open(file)) {
                opened.names();
            }
        });
        assertTrue(message.startsWith(file.toString()), message);
        return message;
    }

    @Test
    void readsAFileMadeByHand() throws IOException {
        // Odd header length: the data are misaligned, as old writers leave them.
        String header = "{\"b\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[2,10]},"
                + "\"__metadata__\":{\"format\":\"pt\"},"
                + "\"a\":{\"dtype\":\"BF16\",\"shape\":[],\"data_offsets\":[0,2]},"
                + "\"none\":{\"dtype\":\"F32\",\"shape\":[0,3],\"data_offsets\":[10,10]}}  ";
        assertEquals(1, header.length() % 2);
        Path file = file(
                header,
                (byte) 0x80,
                (byte) 0x3f,
                (byte) 0,
                (byte) 0,
                (byte) 0x20,
                (byte) 0xc1,
                (byte) 0xcd,
                (byte) 0xcc,
                (byte) 0xcc,
                (byte) 0x3d);
        try (SafeTensors opened = SafeTensors.open(file)) {
            assertEquals(List.of("b", "a", "none"), List.copyOf(opened.names()));
            assertEquals(Map.of("format", "pt"), opened.metadata());
            assertArrayEquals(new int[] {1, 2}, opened.shape("b"));
            assertEquals(Tensor.matrix(1, 2, new float[] {-10f, 0.1f}), opened.get("b"));
            assertEquals(new Tensor(new int[0], new float[] {1f}), opened.get("a"));
            assertEquals(Tensor.matrix(0, 3, new float[0]), opened.get("none"));
        }
    }

    private float single(String type, int bits) throws IOException {
        Path file =
                file("{\"x\":{\"dtype\":\"" + type + "\",\"shape\":[1],\"data_offsets\":[0,2]}}", (byte) bits, (byte)
                        (bits >> 8));
        try (SafeTensors opened = SafeTensors.open(file)) {
            return opened.get("x").data()[0];
        }
    }

    @ParameterizedTest
    @CsvSource({
        "F16, 0000, 0.0",
        "F16, 8000, -0.0",
        "F16, 0001, 0x1p-24",
        "F16, 83ff, -0x3ffp-24",
        "F16, 0400, 0x1p-14",
        "F16, 3555, 0.333251953125",
        "F16, 7bff, 65504",
        "F16, 7c00, Infinity",
        "F16, fc00, -Infinity",
        "F16, 7e00, NaN",
        "BF16, 8000, -0.0",
        "BF16, 0001, 0x1p-133",
        "BF16, 3f80, 1",
        "BF16, 4049, 3.140625",
        "BF16, ff7f, -0x0.ffp128",
        "BF16, 7f80, Infinity",
        "BF16, ff80, -Infinity",
        "BF16, 7fc0, NaN",
    })
    void convertsSpecialValues(String type, String bits, String expected) throws IOException {
        // Float.equals: tells the zeros apart, and equates NaN with NaN only.
        assertEquals(Float.valueOf(expected), Float.valueOf(single(type, Integer.parseInt(bits, 16))));
    }

    @Test
    void convertsEveryHalfAsItsDefinitionSays() throws IOException {
        byte[] data = new byte[2 << 16];
        for (int bits = 0; bits < 1 << 16; bits++) {
            data[2 * bits] = (byte) bits;
            data[2 * bits + 1] = (byte) (bits >> 8);
        }
        Path file = file("{\"x\":{\"dtype\":\"F16\",\"shape\":[65536],\"data_offsets\":[0,131072]}}", data);
        float[] values;
        try (SafeTensors opened = SafeTensors.open(file)) {
            values = opened.get("x").data();
        }
        for (int bits = 0; bits < 1 << 16; bits++) {
            int exponent = bits >> 10 & 31;
            int fraction = bits & 1023;
            double magnitude = exponent == 0
                    ? Math.scalb((double) fraction, -24)
                    : exponent < 31
                            ? Math.scalb(1024.0 + fraction, exponent - 25)
                            : fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
            double expected = bits >> 15 == 0 ? magnitude : -magnitude;
            assertEquals(expected, values[bits], 0.0, Integer.toHexString(bits));
        }
    }

    @Test
    void readsBehindTwoGibibytesAndAcrossMappings() throws IOException {
        // Sparse: 2.4 GB that take no room. The second tensor spans two mappings of 2^28 bytes.
        long first = 2_200_000_000L;
        int values = (1 << 26) + 3;
        long end = first + 4L * values;
        byte[] header = ("{\"pad\":{\"dtype\":\"F32\",\"shape\":[550000000],\"data_offsets\":[0," + first + "]},"
                        + "\"x\":{\"dtype\":\"F32\",\"shape\":[" + values + "],\"data_offsets\":[" + first + "," + end
                        + "]}}")
                .getBytes(StandardCharsets.UTF_8);
        Path file = raw(header.length, header);
        int[] marked = {0, (1 << 26) - 1, 1 << 26, values - 1};
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (int index : marked) {
                ByteBuffer value = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
                value.putFloat(index + 1f).flip();
                channel.write(value, 8 + header.length + first + 4L * index);
            }
        }
        try (SafeTensors opened = SafeTensors.open(file)) {
            float[] data = opened.get("x").data();
            assertEquals(values, data.length);
            for (int index : marked) {
                assertEquals(index + 1f, data[index]);
            }
            assertEquals(0f, data[12345]);
        }
    }

    static Stream<List<String>> lies() {
        String zero = ",\"data_offsets\":[0,8]}";
        return Stream.of(
                List.of("no JSON", "{\"x\": flase}", "not JSON"),
                List.of("text behind", "{} {}", "not JSON"),
                List.of("array", "[]", "not a JSON object"),
                List.of("empty", "", "not a JSON object"),
                List.of("a key twice", "{\"x\":{},\"x\":{}}", "not JSON"),
                List.of("entry a number", "{\"x\":7}", "dtype"),
                List.of("dtype", "{\"x\":{\"dtype\":\"F31\",\"shape\":[2]" + zero + "}", "unknown dtype F31"),
                List.of("no dtype", "{\"x\":{\"shape\":[2]" + zero + "}", "unknown dtype"),
                List.of("no shape", "{\"x\":{\"dtype\":\"F32\"" + zero + "}", "no shape"),
                List.of("negative", "{\"x\":{\"dtype\":\"F32\",\"shape\":[-1,-2]" + zero + "}", "extent -1"),
                List.of("fraction", "{\"x\":{\"dtype\":\"F32\",\"shape\":[2.0]" + zero + "}", "extent 2.0"),
                List.of("extent", "{\"x\":{\"dtype\":\"F32\",\"shape\":[4294967298]" + zero + "}", "extent 4294967298"),
                List.of(
                        "product 2^64 + 2 words",
                        "{\"x\":{\"dtype\":\"F32\",\"shape\":[65536,65536,65536,65536]" + zero + "}",
                        "more values"),
                List.of("no offsets", "{\"x\":{\"dtype\":\"F32\",\"shape\":[2]}}", "no pair of data_offsets"),
                List.of(
                        "one offset",
                        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8]}}",
                        "no pair of data_offsets"),
                List.of(
                        "huge offset",
                        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,18446744073709551624]}}",
                        "no pair of data_offsets"),
                List.of(
                        "reversed",
                        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}",
                        "reversed or negative"),
                List.of(
                        "before",
                        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}}",
                        "reversed or negative"),
                List.of(
                        "outside",
                        "{\"x\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}",
                        "ends at byte 16 of the data, but there are 8"),
                List.of("size", "{\"x\":{\"dtype\":\"F16\",\"shape\":[2]" + zero + "}", "8 bytes, its shape and dtype"),
                List.of(
                        "overlap",
                        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                                + "\"y\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
                        "tensor y overlaps"),
                List.of(
                        "hole",
                        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
                        "bytes 0 to 4 of the data belong to no tensor"),
                List.of(
                        "rest",
                        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
                        "bytes 4 to 8 of the data belong to no tensor"),
                List.of("metadata", "{\"__metadata__\":{\"n\":1}}", "metadata value n is not a string"),
                List.of("metadata list", "{\"__metadata__\":[]}", "metadata is not a JSON object"),
                List.of("name", "{\"x\\ny\":{\"dtype\":\"F31\"}}", "tensor x?y has"));
    }

    @ParameterizedTest
    @MethodSource("lies")
    void refusesALyingHeader(List<String> lie) throws IOException {
        String message = line(file(lie.get(1), new byte[8]));
        assertTrue(message.contains(lie.get(2)), lie.get(0) + ": " + message);
    }

    @ParameterizedTest
    @CsvSource({"3, 3", "100000001, 100000001", "-1, 18446744073709551615", "9223372036854775807, 9223372036854775807"})
    void refusesALyingLength(long length, String printed) throws IOException {
        assertTrue(line(raw(length, new byte[] {'{', '}'})).contains("claims a header of " + printed + " bytes"));
    }

    @Test
    void refusesWhatIsNoFile() throws IOException {
        assertTrue(line(directory.resolve("absent")).contains("no such file"));
        assertTrue(line(directory).contains("no such file"));
        Path stub = Files.write(directory.resolve("stub"), new byte[7]);
        assertTrue(line(stub).contains("only 7 bytes"));
    }

    @Test
    void refusesToReadIntegersAndUnknownNames() throws IOException {
        Path file = file("{\"ids\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}", new byte[8]);
        try (SafeTensors opened = SafeTensors.open(file)) {
            String type = Refusal.of(() -> opened.get("ids"));
            assertTrue(type.contains("ids is I64"), type);
            String name = Refusal.of(() -> opened.get("idx"));
            assertTrue(name.contains("no tensor idx"), name);
        }
    }

    @Test
    void writesTheFormatByteByByte() throws IOException {
        Path file = directory.resolve("written.safetensors");
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("z", Tensor.vector(1f));
        tensors.put("a", Tensor.matrix(1, 2, new float[] {-2f, 0x1p-149f}));
        SafeTensors.write(file, tensors, Map.of("note", "naïve"));
        String header = "{\"__metadata__\":{\"note\":\"naïve\"},"
                + "\"a\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]},"
                + "\"z\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}";
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        int padded = text.length + (8 - text.length % 8) % 8;
        ByteBuffer expected = ByteBuffer.allocate(8 + padded + 12).order(ByteOrder.LITTLE_ENDIAN);
        expected.putLong(padded).put(text).put(" ".repeat(padded - text.length).getBytes(StandardCharsets.UTF_8));
        expected.put(new byte[] {0, 0, 0, (byte) 0xc0, 1, 0, 0, 0, 0, 0, (byte) 0x80, 0x3f});
        assertArrayEquals(expected.array(), Files.readAllBytes(file));
    }

    @Test
    void readsWhatItWroteOverAnOlderFile() throws IOException {
        Path file = Files.writeString(directory.resolve("again.safetensors"), "older");
        // More than one chunk of 2^18 values, and a length it does not divide.
        float[] values = new float[600_001];
        for (int i = 0; i < values.length; i++) {
            values[i] = i * 0.37f;
        }
        Map<String, Tensor> tensors = Map.of("x", Tensor.matrix(1, values.length, values), "y", Tensor.vector());
        SafeTensors.write(file, tensors, Map.of());
        try (SafeTensors opened = SafeTensors.open(file)) {
            assertEquals(List.of("x", "y"), List.copyOf(opened.names()));
            assertEquals(tensors.get("x"), opened.get("x"));
            assertEquals(tensors.get("y"), opened.get("y"));
            assertEquals(Map.of(), opened.metadata());
        }
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(List.of(file), files.toList());
        }
    }

    @Test
    void leavesNothingBehindWhenWritingFails() throws IOException {
        Path occupied = directory.resolve("occupied");
        Files.createDirectories(occupied.resolve("child"));
        Map<String, Tensor> tensors = Map.of("x", Tensor.vector(1f));
        String message = Refusal.of(() -> SafeTensors.write(occupied, tensors, Map.of()));
        assertTrue(message.startsWith(occupied + ": cannot be written"), message);
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(List.of(occupied), files.toList());
        }
        Path nowhere = directory.resolve("absent/x.safetensors");
        assertThrows(AttackException.class, () -> SafeTensors.write(nowhere, tensors, Map.of()));
    }
}
