package leakmark.attacks.model;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import leakmark.attacks.AttackException;

/** A {@code config.json} of Hugging Face's, refused where it asks for a computation this project does not do. */
final class HuggingFaceConfiguration {
    private static final int DEFAULT_LABELS = 2;
    private static final double DEFAULT_EPSILON = 1e-5;
    private static final double DEFAULT_BERT_EPSILON = 1e-12;

    private final Path file;
    private final JsonNode root;

    private HuggingFaceConfiguration(Path file) {
        this.file = file;
        this.root = json(file);
    }

    /**
     * Reads a configuration.
     *
     * @param name the model's name
     * @throws AttackException if the file is missing, broken, or not of a GPT-2 or a BERT
     */
    static ModelConfiguration read(Path file, String name) {
        return new HuggingFaceConfiguration(file).configuration(name);
    }

    /** A JSON object's file, or one line that says why not. */
    static JsonNode json(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new AttackException(file + ": no such file; expected a model directory of Hugging Face's");
        }
        try {
            JsonNode root = new JsonMapper().readTree(Files.readAllBytes(file));
            if (!root.isObject()) {
                throw new AttackException(file + ": not a JSON object");
            }
            return root;
        } catch (JacksonException e) {
            throw new AttackException(file + ": not JSON: " + SafeTensorsHeader.quoted(e.getOriginalMessage()), e);
        } catch (IOException e) {
            throw new AttackException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private ModelConfiguration configuration(String name) {
        return root.path("model_type").asText().equals("bert") ? bert(name) : gpt2(name);
    }

    private ModelConfiguration bert(String name) {
        require("hidden_act", "gelu", "gelu");
        require("position_embedding_type", "absolute", "absolute");
        require("is_decoder", "false", "false");
        require("add_cross_attention", "false", "false");
        require("type_vocab_size", "2", "2");
        require("tie_word_embeddings", "true", "true");
        return new ModelConfiguration(
                name,
                Architecture.BERT,
                integer("num_hidden_layers"),
                integer("hidden_size"),
                integer("num_attention_heads"),
                integer("vocab_size"),
                integer("max_position_embeddings"),
                integer("intermediate_size"),
                labels(),
                root.hasNonNull("layer_norm_eps") ? number("layer_norm_eps") : DEFAULT_BERT_EPSILON);
    }

    private ModelConfiguration gpt2(String name) {
        require("model_type", "gpt2", "");
        require("activation_function", "gelu_new", "gelu_new");
        require("scale_attn_weights", "true", "true");
        require("scale_attn_by_inverse_layer_idx", "false", "false");
        require("reorder_and_upcast_attn", "false", "false");
        require("add_cross_attention", "false", "false");
        require("tie_word_embeddings", "true", "true");
        int hiddenSize = integer("n_embd");
        return new ModelConfiguration(
                name,
                integer("n_layer"),
                hiddenSize,
                integer("n_head"),
                integer("vocab_size"),
                root.hasNonNull("n_positions") ? integer("n_positions") : integer("n_ctx"),
                root.hasNonNull("n_inner") ? integer("n_inner") : (int) Math.min(Integer.MAX_VALUE, 4L * hiddenSize),
                labels(),
                root.hasNonNull("layer_norm_epsilon") ? number("layer_norm_epsilon") : DEFAULT_EPSILON);
    }

    private int labels() {
        JsonNode names = root.path("id2label");
        if (names.isObject()) {
            if (root.hasNonNull("num_labels") && integer("num_labels") != names.size()) {
                throw new AttackException(
                        file + ": num_labels is " + integer("num_labels") + ", but id2label names " + names.size());
            }
            return names.size();
        }
        return root.hasNonNull("num_labels") ? integer("num_labels") : DEFAULT_LABELS;
    }

    private int integer(String key) {
        JsonNode node = root.path(key);
        if (!node.isIntegralNumber() || !node.canConvertToInt()) {
            throw new AttackException(file + ": " + key + " must be an integer, found " + found(node));
        }
        return node.intValue();
    }

    private double number(String key) {
        JsonNode node = root.path(key);
        if (!node.isNumber()) {
            throw new AttackException(file + ": " + key + " must be a number, found " + found(node));
        }
        return node.doubleValue();
    }

    private void require(String key, String expected, String whenAbsent) {
        JsonNode node = root.path(key);
        String value = node.isMissingNode() || node.isNull() ? whenAbsent : node.asText();
        if (!value.equals(expected)) {
            throw new AttackException(file + ": " + key + " must be " + expected + ", found " + found(node)
                    + "; only GPT-2 and BERT models with that setting can be attacked");
        }
    }

    private static String found(JsonNode node) {
        return node.isMissingNode() ? "nothing" : SafeTensorsHeader.quoted(node.toString());
    }
}
