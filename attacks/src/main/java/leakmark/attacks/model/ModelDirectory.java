package leakmark.attacks.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;
import leakmark.attacks.AttackException;

/** Writes a model as Hugging Face's {@code save_pretrained} does, in bfloat16; {@link HuggingFaceDirectory} reads it. */
public final class ModelDirectory {
    private ModelDirectory() {}

    /**
     * Writes {@code config.json} and {@code model.safetensors}; each appears whole or not at all.
     *
     * @param directory an existing directory
     * @throws AttackException if a file cannot be written
     */
    public static void write(Path directory, PublicModel model) {
        Map<String, Tensor> stored = new TreeMap<>();
        for (String name : model.weights().names()) {
            stored.put(name, PublishedTensors.turned(name, model.weight(name)));
        }
        SafeTensors.writeBfloat16(directory.resolve("model.safetensors"), stored, Map.of("format", "pt"));
        Path file = directory.resolve("config.json");
        Path temporary = directory.resolve("config.json.tmp");
        try {
            try {
                Files.writeString(temporary, config(model.configuration()) + "\n");
                Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            throw new AttackException(file + ": cannot be written: " + e.getMessage(), e);
        }
    }

    private static String config(ModelConfiguration c) throws JsonProcessingException {
        JsonMapper json = new JsonMapper();
        ObjectNode root = json.createObjectNode();
        if (c.architecture() == Architecture.BERT) {
            root.put("model_type", "bert")
                    .put("hidden_act", "gelu")
                    .put("num_hidden_layers", c.layers())
                    .put("hidden_size", c.hiddenSize())
                    .put("num_attention_heads", c.heads())
                    .put("max_position_embeddings", c.positions())
                    .put("intermediate_size", c.innerSize())
                    .put("type_vocab_size", 2)
                    .put("layer_norm_eps", c.layerNormEpsilon());
        } else {
            root.put("model_type", "gpt2")
                    .put("activation_function", "gelu_new")
                    .put("n_layer", c.layers())
                    .put("n_embd", c.hiddenSize())
                    .put("n_head", c.heads())
                    .put("n_positions", c.positions())
                    .put("n_inner", c.innerSize())
                    .put("layer_norm_epsilon", c.layerNormEpsilon());
        }
        root.put("vocab_size", c.vocabularySize()).put("num_labels", c.labels());
        return json.writerWithDefaultPrettyPrinter().writeValueAsString(root);
    }
}
