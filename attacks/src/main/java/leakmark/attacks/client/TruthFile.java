package leakmark.attacks.client;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.IntStream;
import leakmark.attacks.AttackException;
import leakmark.attacks.TokenBatch;

/** A client's batch as JSON: a list of sequences with their sentence, token ids, offset and label. */
public final class TruthFile {
    private static final ObjectMapper MAPPER = new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES);

    private TruthFile() {}

    /**
     * Writes a batch; the file is there whole or not at all.
     *
     * @throws AttackException if it cannot be written
     */
    public static void write(Path file, ClientBatch batch) {
        TokenBatch tokens = batch.tokens();
        List<Sequence> sequences = IntStream.range(0, batch.sentences().size())
                .mapToObj(s -> new Sequence(
                        batch.sentences().get(s), tokens.sequences().get(s), tokens.offsets()[s], tokens.labels()[s]))
                .toList();
        try {
            Path target = file.toAbsolutePath();
            Path temporary = target.resolveSibling(target.getFileName() + ".tmp");
            try {
                MAPPER.writeValue(temporary.toFile(), sequences);
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException failure) {
            throw new AttackException("truth " + file + " cannot be written: " + failure.getMessage(), failure);
        }
    }

    /**
     * Reads a batch.
     *
     * @throws AttackException if the file is missing or is not such a list
     */
    public static ClientBatch read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new AttackException("no truth file at " + file);
        }
        List<Sequence> sequences;
        try {
            sequences = MAPPER.readValue(file.toFile(), new TypeReference<List<Sequence>>() {});
        } catch (JacksonException failure) {
            throw new AttackException(
                    "truth " + file + " is not a client's batch: " + failure.getOriginalMessage(), failure);
        } catch (IOException failure) {
            throw new AttackException("truth " + file + " cannot be read: " + failure.getMessage(), failure);
        }
        // JSON's null is a value that Jackson passes on.
        if (sequences == null || sequences.isEmpty() || sequences.contains(null)) {
            throw new AttackException("truth " + file + " has no sequences");
        }
        return new ClientBatch(
                sequences.stream().map(Sequence::sentence).toList(),
                new TokenBatch(
                        sequences.stream().map(Sequence::tokens).toList(),
                        sequences.stream().mapToInt(Sequence::offset).toArray(),
                        sequences.stream().mapToInt(Sequence::label).toArray()));
    }

    /** One element of the list. */
    private record Sequence(String sentence, int[] tokens, int offset, int label) {}
}
