package leakmark.attacks.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import leakmark.attacks.AttackException;
import leakmark.attacks.model.SafeTensorsHeader.Entry;
import org.jspecify.annotations.Nullable;

/**
 * A safetensors file, memory-mapped tensor by tensor. Layout: the header's length N (8 bytes), N bytes of JSON, the
 * tensors' bytes; all little endian. The header is checked when the file is opened, so that a file that opens has every
 * byte it promises. Safe for use by several threads.
 *
 * <p>Source: the format's description at github.com/huggingface/safetensors.
 */
public final class SafeTensors implements AutoCloseable {
    private static final int LENGTH_BYTES = 8;

    /** The format's own limit. */
    private static final long LONGEST_HEADER = 100_000_000;

    /** One mapping's size: a mapping cannot exceed 2 GiB, a tensor can. */
    private static final int MAPPED_BYTES = 1 << 28;

    private static final int WRITTEN_BYTES = 1 << 20;

    private final Path file;
    private final FileChannel channel;
    private final SafeTensorsHeader header;
    private final long dataStart;

    private SafeTensors(Path file, FileChannel channel) throws IOException {
        this.file = file;
        this.channel = channel;
        long size = channel.size();
        if (size < LENGTH_BYTES) {
            throw new AttackException(file + ": not a safetensors file: only " + size + " bytes long");
        }
        long length = read(0, LENGTH_BYTES).getLong();
        if (length < 0 || length > LONGEST_HEADER || length > size - LENGTH_BYTES) {
            throw new AttackException(file + ": not a safetensors file: it claims a header of "
                    + Long.toUnsignedString(length) + " bytes and is " + size + " bytes long");
        }
        this.dataStart = LENGTH_BYTES + length;
        this.header =
                new SafeTensorsHeader(file, read(LENGTH_BYTES, (int) length).array(), size - dataStart);
    }

    /**
     * Opens a file and checks its header.
     *
     * @throws AttackException if the file is missing, unreadable, truncated or contradicts itself
     */
    public static SafeTensors open(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new AttackException(file + ": no such file; expected a safetensors file");
        }
        FileChannel channel = null;
        try {
            channel = FileChannel.open(file, StandardOpenOption.READ);
            SafeTensors opened = new SafeTensors(file, channel);
            channel = null;
            return opened;
        } catch (IOException e) {
            throw new AttackException(file + ": cannot be read: " + e.getMessage(), e);
        } finally {
            closeQuietly(channel);
        }
    }

    /** The tensors' names, in the header's order. */
    public Set<String> names() {
        return header.entries().keySet();
    }

    /** The header's metadata; empty if there is none. */
    public Map<String, String> metadata() {
        return header.metadata();
    }

    /**
     * A tensor's extents, outermost first.
     *
     * @throws AttackException if there is no such tensor
     */
    public int[] shape(String name) {
        return entry(name).shape();
    }

    /**
     * A tensor's values as float32, read now. F16 and BF16 convert exactly.
     *
     * @throws AttackException if there is no such tensor, or its type is not F32, F16 or BF16
     */
    public Tensor get(String name) {
        Entry entry = entry(name);
        if (entry.type != SafeTensorsHeader.Type.F32
                && entry.type != SafeTensorsHeader.Type.F16
                && entry.type != SafeTensorsHeader.Type.BF16) {
            throw new AttackException(file + ": tensor " + SafeTensorsHeader.quoted(name) + " is " + entry.type
                    + "; only F32, F16 and BF16 can be read, convert it first");
        }
        float[] values = new float[entry.values()];
        int perMapping = MAPPED_BYTES / entry.type.bytes;
        int done = 0;
        try {
            while (done < values.length) {
                int count = Math.min(perMapping, values.length - done);
                long position = dataStart + entry.begin + (long) done * entry.type.bytes;
                ByteBuffer bytes =
                        channel.map(FileChannel.MapMode.READ_ONLY, position, (long) count * entry.type.bytes);
                convert(entry.type, bytes.order(ByteOrder.LITTLE_ENDIAN), values, done, count);
                done += count;
            }
        } catch (IOException e) {
            throw new AttackException(
                    file + ": tensor " + SafeTensorsHeader.quoted(name) + " cannot be read: " + e.getMessage(), e);
        }
        return new Tensor(entry.shape(), values);
    }

    @Override
    public void close() {
        closeQuietly(channel);
    }

    /**
     * Writes tensors as F32, sorted by name so that the same content gives the same bytes. The file appears whole or
     * not at all.
     *
     * @param metadata strings kept in the header, possibly none
     * @throws AttackException if the file cannot be written
     */
    public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
        write(file, tensors, metadata, SafeTensorsHeader.Type.F32);
    }

    /** Writes tensors as BF16, values rounded to it: half the size. Otherwise as {@link #write}. */
    public static void writeBfloat16(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
        write(file, tensors, metadata, SafeTensorsHeader.Type.BF16);
    }

    private static void write(
            Path file, Map<String, Tensor> tensors, Map<String, String> metadata, SafeTensorsHeader.Type type) {
        Map<String, Tensor> sorted = new TreeMap<>(tensors);
        Path temporary = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            try (FileChannel channel =
                    FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                writeFully(channel, headerBytes(sorted, new TreeMap<>(metadata), type));
                ByteBuffer chunk = ByteBuffer.allocateDirect(WRITTEN_BYTES).order(ByteOrder.LITTLE_ENDIAN);
                for (Tensor tensor : sorted.values()) {
                    writeValues(channel, tensor.data(), chunk, type);
                }
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new AttackException(
                    file + ": cannot be written: " + e.getClass().getSimpleName() + " " + e.getMessage(), e);
        } finally {
            deleteQuietly(temporary);
        }
    }

    private Entry entry(String name) {
        Entry entry = header.entries().get(name);
        if (entry == null) {
            throw new AttackException(file + ": has no tensor " + SafeTensorsHeader.quoted(name));
        }
        return entry;
    }

    private ByteBuffer read(long position, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, position + bytes.position()) < 0) {
                throw new IOException("it ended early");
            }
        }
        return bytes.flip();
    }

    private static void convert(SafeTensorsHeader.Type type, ByteBuffer bytes, float[] values, int from, int count) {
        if (type == SafeTensorsHeader.Type.F32) {
            bytes.asFloatBuffer().get(values, from, count);
            return;
        }
        ShortBuffer shorts = bytes.asShortBuffer();
        if (type == SafeTensorsHeader.Type.BF16) {
            for (int i = 0; i < count; i++) {
                values[from + i] = Float.intBitsToFloat(shorts.get(i) << 16);
            }
        } else {
            for (int i = 0; i < count; i++) {
                values[from + i] = halfToFloat(shorts.get(i));
            }
        }
    }

    /** IEEE 754 binary16 to binary32, exactly; {@code Float.float16ToFloat} needs JDK 20. */
    private static float halfToFloat(short half) {
        int sign = (half & 0x8000) << 16;
        int exponent = (half >>> 10) & 0x1f;
        int fraction = half & 0x3ff;
        if (exponent == 0) {
            return Float.intBitsToFloat(sign | Float.floatToRawIntBits(fraction * 0x1p-24f));
        }
        // Bias 15 becomes 127; the exponent of infinities and NaN is all ones in both.
        int widened = exponent == 0x1f ? 0xff : exponent + 112;
        return Float.intBitsToFloat(sign | widened << 23 | fraction << 13);
    }

    private static ByteBuffer headerBytes(
            Map<String, Tensor> tensors, Map<String, String> metadata, SafeTensorsHeader.Type type)
            throws JsonProcessingException {
        JsonMapper json = new JsonMapper();
        ObjectNode root = json.createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode strings = root.putObject(SafeTensorsHeader.METADATA);
            metadata.forEach(strings::put);
        }
        long position = 0;
        for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
            if (tensor.getKey().equals(SafeTensorsHeader.METADATA)) {
                throw new IllegalArgumentException("a tensor cannot be called " + SafeTensorsHeader.METADATA);
            }
            ObjectNode node = root.putObject(tensor.getKey()).put("dtype", type.name());
            Arrays.stream(tensor.getValue().shape()).forEach(node.putArray("shape")::add);
            long end = position + (long) tensor.getValue().data().length * type.bytes;
            node.putArray("data_offsets").add(position).add(end);
            position = end;
        }
        byte[] text = json.writeValueAsBytes(root);
        // Padded with spaces so that the data starts at a multiple of 8.
        int padded = (text.length + 7) / 8 * 8;
        byte[] spaces = new byte[padded - text.length];
        Arrays.fill(spaces, (byte) ' ');
        return ByteBuffer.allocate(LENGTH_BYTES + padded)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(padded)
                .put(text)
                .put(spaces)
                .flip();
    }

    private static void writeValues(FileChannel channel, float[] values, ByteBuffer chunk, SafeTensorsHeader.Type type)
            throws IOException {
        int done = 0;
        while (done < values.length) {
            chunk.clear();
            if (type == SafeTensorsHeader.Type.BF16) {
                int count = Math.min(chunk.capacity() / Short.BYTES, values.length - done);
                for (int i = done; i < done + count; i++) {
                    chunk.putShort(bfloat16(values[i]));
                }
                writeFully(channel, chunk.flip());
                done += count;
                continue;
            }
            FloatBuffer floats = chunk.asFloatBuffer();
            int count = Math.min(floats.capacity(), values.length - done);
            floats.put(values, done, count);
            writeFully(channel, chunk.limit(count * Float.BYTES));
            done += count;
        }
    }

    /** The nearest bfloat16, ties to even. */
    private static short bfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        return (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            // Only ever read from: nothing is lost.
        }
    }

    private static void deleteQuietly(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            // The write's own failure is the one to report.
        }
    }
}
