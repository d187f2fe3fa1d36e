package leakmark.attacks.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import leakmark.attacks.AttackException;

/**
 * A GPT-2 or a BERT as Hugging Face's {@code save_pretrained} leaves it: {@code config.json} beside {@code model.safetensors}, or
 * beside {@code model.safetensors.index.json} and the shards it names.
 */
public final class HuggingFaceDirectory {
    private static final String WEIGHTS = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";

    private HuggingFaceDirectory() {}

    /**
     * Opens a model. Every tensor's shape is checked now; values are read when first asked for. A base model has no
     * classification head: it gets one drawn from N(0, 0.02²), as a BERT gets the heads its files lack.
     *
     * @param directory the model's directory
     * @param classifierSeed seed of the head drawn where the files have none
     * @throws AttackException if a file is missing or broken, or is not of a GPT-2 or a BERT
     */
    public static PublicModel open(Path directory, long classifierSeed) {
        if (!Files.isDirectory(directory)) {
            throw new AttackException(directory + ": no such directory");
        }
        Path name = directory.toAbsolutePath().normalize().getFileName();
        ModelConfiguration configuration = HuggingFaceConfiguration.read(
                directory.resolve("config.json"), name == null ? directory.toString() : name.toString());
        Map<String, int[]> shapes = configuration.parameterShapes();
        Map<String, FileWeights.Source> sources = new LinkedHashMap<>();
        for (Path file : files(directory)) {
            addSources(file, shapes, sources);
        }
        for (Map.Entry<String, int[]> shape : shapes.entrySet()) {
            boolean optional = shape.getKey().equals(ParameterNames.CLASSIFIER) || BertNames.isHead(shape.getKey());
            if (!optional && !sources.containsKey(shape.getKey())) {
                throw new AttackException(directory + ": tensor " + shape.getKey() + " is missing; config.json expects "
                        + Arrays.toString(shape.getValue()));
            }
        }
        return new PublicModel(
                configuration,
                new FileWeights(shapes.keySet(), sources, new SeededWeights(configuration, classifierSeed)));
    }

    private static void addSources(Path file, Map<String, int[]> shapes, Map<String, FileWeights.Source> sources) {
        try (SafeTensors tensors = SafeTensors.open(file)) {
            for (String stored : tensors.names()) {
                String name = PublishedTensors.parameterName(stored);
                if (isSkipped(name)) {
                    continue;
                }
                int[] shape = shapes.get(name);
                if (shape == null) {
                    throw new AttackException(file + ": tensor " + SafeTensorsHeader.quoted(stored)
                            + " does not belong to the model config.json describes");
                }
                PublishedTensors.checkShape(file, name, tensors.shape(stored), shape);
                if (sources.put(name, new FileWeights.Source(file, stored, shape)) != null) {
                    throw new AttackException(file + ": tensor " + name + " is stored twice");
                }
            }
        }
    }

    /**
     * Causal masks and position ids that old versions stored, the language-model heads' matrix, which is the token
     * embedding, and the head of BERT's next-sentence task.
     */
    private static boolean isSkipped(String name) {
        return name.endsWith(".attn.bias")
                || name.endsWith(".attn.masked_bias")
                || name.equals("lm_head.weight")
                || name.equals("embeddings.position_ids")
                || name.equals("embeddings.token_type_ids")
                || name.startsWith("cls.predictions.decoder.")
                || name.startsWith("cls.seq_relationship.");
    }

    private static Set<Path> files(Path directory) {
        Path whole = directory.resolve(WEIGHTS);
        if (Files.isRegularFile(whole)) {
            return Set.of(whole);
        }
        Path index = directory.resolve(INDEX);
        if (!Files.isRegularFile(index)) {
            throw new AttackException(directory + ": has neither " + WEIGHTS + " nor " + INDEX
                    + "; save the model with save_pretrained(..., safe_serialization=True)");
        }
        JsonNode shards = HuggingFaceConfiguration.json(index).path("weight_map");
        if (!shards.isObject() || shards.isEmpty()) {
            throw new AttackException(index + ": has no weight_map");
        }
        Set<Path> files = new LinkedHashSet<>();
        for (JsonNode shard : shards) {
            files.add(directory.resolve(plainName(index, shard)));
        }
        return files;
    }

    /** A shard's name, which must be a file of the same directory. */
    private static String plainName(Path index, JsonNode shard) {
        String name = shard.asText();
        if (!shard.isTextual()
                || name.isEmpty()
                || List.of(".", "..").contains(name)
                || name.chars().anyMatch(c -> c == '/' || c == '\\' || Character.isISOControl(c))) {
            throw new AttackException(index + ": the shard " + SafeTensorsHeader.quoted(shard.toString())
                    + " is not the name of a file in this directory");
        }
        return name;
    }
}
