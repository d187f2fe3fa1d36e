package leakmark.attacks.model;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import leakmark.attacks.AttackException;
import leakmark.kernels.matching.Network;
import leakmark.kernels.matching.Networks;
import leakmark.kernels.matching.Shape.Rows;

/**
 * A text classifier as a network over embeddings, and its embedding table. Sequences of one length; the table's own
 * gradient is not shared, as the text attacks of the literature assume.
 *
 * @param model the network; its input is L rows of d
 * @param embeddings V × d, row-major; no copy is taken
 * @param backwards true if the network reads a sequence from its last token to the first
 */
public record TextNetwork(PublicNetwork model, float[] embeddings, boolean backwards) {
    private static final List<String> NAMES = List.of("encoder", "decoder");

    /** Vocabulary of the presets. */
    public static final int VOCABULARY_SIZE = 2048;

    /** The token embeddings' name in a file. */
    static final String EMBEDDINGS = "embeddings.weight";

    /** The presets' first layer adds positions. */
    private static final String POSITIONS = "0.weight";

    private static final int HIDDEN_SIZE = 64;
    private static final int HEADS = 4;
    private static final int LAYERS = 2;
    private static final int LABELS = 2;

    /** Names of the presets. */
    public static List<String> names() {
        return NAMES;
    }

    /**
     * A small transformer of two layers (d = 64, four heads, V = 2048) with weights and embeddings N(0, σ²).
     *
     * @param name {@code encoder} (BERT's order of normalisation) or {@code decoder} (GPT-2's)
     * @param sequenceLength L
     * @throws AttackException if there is no such preset, or L is not positive
     */
    public static TextNetwork open(String name, int sequenceLength, long seed, double std) {
        Network network = network(name, sequenceLength);
        Random random = new Random(~seed);
        float[] embeddings = new float[VOCABULARY_SIZE * HIDDEN_SIZE];
        for (int i = 0; i < embeddings.length; i++) {
            embeddings[i] = (float) (std * random.nextGaussian());
        }
        return new TextNetwork(
                new PublicNetwork(name, network, Networks.normal(network, std, seed)), embeddings, false);
    }

    /**
     * Layers of a preset.
     *
     * @throws AttackException if there is no such preset, or L is not positive
     */
    public static Network network(String name, int sequenceLength) {
        if (!NAMES.contains(name)) {
            throw new AttackException("model " + SafeTensorsHeader.quoted(name) + " takes no text here; there are "
                    + String.join(", ", NAMES));
        }
        if (sequenceLength < 1) {
            throw new AttackException("a sequence has at least one token, not " + sequenceLength);
        }
        Rows input = new Rows(sequenceLength, HIDDEN_SIZE);
        return name.equals("encoder")
                ? Networks.encoder(input, HEADS, LAYERS, LABELS)
                : Networks.decoder(input, HEADS, LAYERS, LABELS);
    }

    /**
     * A preset with weights from a safetensors file: the network's parameters as {@link PublicNetwork#parameterNames} names
     * them, and {@value #EMBEDDINGS}, V × d. A table of more positions than L serves too, by its first L.
     *
     * @throws AttackException if there is no such preset, or the file cannot be read, lacks a tensor or has one of another
     *     shape
     */
    public static TextNetwork read(String name, int sequenceLength, Path file) {
        Network network = network(name, sequenceLength);
        try (SafeTensors tensors = SafeTensors.open(file)) {
            PublicNetwork model = PublicNetwork.read(name, network, file, tensors, Set.of(POSITIONS));
            if (!tensors.names().contains(EMBEDDINGS)) {
                throw new AttackException(file + ": has no " + EMBEDDINGS + ", the token embeddings of model " + name
                        + ", V × " + HIDDEN_SIZE);
            }
            int[] shape = tensors.shape(EMBEDDINGS);
            if (shape.length != 2 || shape[0] < 1 || shape[1] != HIDDEN_SIZE) {
                throw new AttackException(file + ": tensor " + EMBEDDINGS + " has the shape " + Arrays.toString(shape)
                        + ", the model's is [V, " + HIDDEN_SIZE + "]");
            }
            float[] embeddings = tensors.get(EMBEDDINGS).data();
            PublicNetwork.checkFinite(file, embeddings);
            return new TextNetwork(model, embeddings, false);
        }
    }

    /**
     * Writes the weights so that {@link #read} finds them.
     *
     * @throws AttackException if the file cannot be written
     */
    public void write(Path file) {
        Map<String, Tensor> tensors = model.tensors();
        tensors.put(EMBEDDINGS, new Tensor(new int[] {vocabularySize(), hiddenSize()}, embeddings));
        SafeTensors.write(file, tensors, Map.of("model", model.name()));
    }

    /**
     * A GPT-2 or BERT classifier as a network on the first positions, so that DAGER and gradient matching attack one model.
     *
     * @throws AttackException if the model has fewer positions, or an inner layer of another width than 4·d
     */
    public static TextNetwork of(PublicModel model, int sequenceLength) {
        ModelConfiguration configuration = model.configuration();
        if (sequenceLength < 1 || sequenceLength > configuration.positions()) {
            throw new AttackException("model " + configuration.name() + " has " + configuration.positions()
                    + " positions, not " + sequenceLength);
        }
        if (configuration.innerSize() != 4L * configuration.hiddenSize()) {
            throw new AttackException("model " + configuration.name() + " has an inner layer of "
                    + configuration.innerSize() + "; gradient matching takes models with four times the hidden size, "
                    + 4L * configuration.hiddenSize());
        }
        return configuration.architecture() == Architecture.BERT
                ? ofBert(model, sequenceLength)
                : ofGpt2(model, sequenceLength);
    }

    private static TextNetwork ofBert(PublicModel bert, int sequenceLength) {
        ModelConfiguration configuration = bert.configuration();
        int d = configuration.hiddenSize();
        Network network = Networks.bert(
                new Rows(sequenceLength, d),
                configuration.heads(),
                configuration.layers(),
                configuration.labels(),
                configuration.layerNormEpsilon());
        Filler filler = new Filler(bert, network.parameterCount());
        float[] positions = bert.weight(BertNames.POSITION_EMBEDDING).data();
        float[] segment = bert.weight(BertNames.TYPE_EMBEDDING).data();
        for (int i = sequenceLength - 1; i >= 0; i--) {
            float[] row = new float[d];
            for (int j = 0; j < d; j++) {
                row[j] = positions[i * d + j] + segment[j];
            }
            filler.put(row);
        }
        filler.plain(BertNames.EMBEDDING_NORM_SCALE, BertNames.EMBEDDING_NORM_SHIFT);
        for (int layer = 0; layer < configuration.layers(); layer++) {
            filler.turned(BertNames.query(layer), BertNames.key(layer), BertNames.value(layer));
            filler.plain(BertNames.queryBias(layer), BertNames.keyBias(layer), BertNames.valueBias(layer));
            filler.linear(BertNames.attentionOutput(layer), BertNames.attentionOutputBias(layer));
            filler.plain(BertNames.attentionNormScale(layer), BertNames.attentionNormShift(layer));
            filler.linear(BertNames.mlpInput(layer), BertNames.mlpInputBias(layer));
            filler.linear(BertNames.mlpOutput(layer), BertNames.mlpOutputBias(layer));
            filler.plain(BertNames.outputNormScale(layer), BertNames.outputNormShift(layer));
        }
        filler.linear(BertNames.POOLER, BertNames.POOLER_BIAS);
        filler.linear(BertNames.CLASSIFIER, BertNames.CLASSIFIER_BIAS);
        return new TextNetwork(
                new PublicNetwork(configuration.name(), network, filler.parameters),
                bert.weight(BertNames.TOKEN_EMBEDDING).data(),
                true);
    }

    private static TextNetwork ofGpt2(PublicModel gpt2, int sequenceLength) {
        ModelConfiguration configuration = gpt2.configuration();
        int d = configuration.hiddenSize();
        Network network = Networks.decoder(
                new Rows(sequenceLength, d),
                configuration.heads(),
                configuration.layers(),
                configuration.labels(),
                configuration.layerNormEpsilon());
        Filler filler = new Filler(gpt2, network.parameterCount());
        filler.put(Arrays.copyOf(gpt2.weight(ParameterNames.POSITION_EMBEDDING).data(), sequenceLength * d));
        for (int layer = 0; layer < configuration.layers(); layer++) {
            filler.plain(ParameterNames.attentionNormScale(layer), ParameterNames.attentionNormShift(layer));
            filler.linear(ParameterNames.queryKeyValue(layer), ParameterNames.queryKeyValueBias(layer));
            filler.linear(ParameterNames.attentionOutput(layer), ParameterNames.attentionOutputBias(layer));
            filler.plain(ParameterNames.mlpNormScale(layer), ParameterNames.mlpNormShift(layer));
            filler.linear(ParameterNames.mlpInput(layer), ParameterNames.mlpInputBias(layer));
            filler.linear(ParameterNames.mlpOutput(layer), ParameterNames.mlpOutputBias(layer));
        }
        filler.plain(ParameterNames.FINAL_NORM_SCALE, ParameterNames.FINAL_NORM_SHIFT);
        // GPT-2's head has no bias; the network's stays zero.
        filler.put(gpt2.weight(ParameterNames.CLASSIFIER).transposed().data());
        return new TextNetwork(
                new PublicNetwork(configuration.name(), network, filler.parameters),
                gpt2.weight(ParameterNames.TOKEN_EMBEDDING).data(),
                false);
    }

    /** L. */
    public int sequenceLength() {
        return ((Rows) model.network().input()).count();
    }

    /** d. */
    public int hiddenSize() {
        return ((Rows) model.network().input()).features();
    }

    /** V. */
    public int vocabularySize() {
        return embeddings.length / hiddenSize();
    }

    /**
     * Embeddings of sequences, one after the other.
     *
     * @throws AttackException if a sequence has another length or an id is not in the vocabulary
     */
    public float[] embed(List<int[]> sequences) {
        int d = hiddenSize();
        float[] rows = new float[sequences.size() * sequenceLength() * d];
        int at = 0;
        for (int[] sequence : sequences) {
            if (sequence.length != sequenceLength()) {
                throw new AttackException("a sequence has " + sequence.length + " tokens, the model takes "
                        + sequenceLength() + "; gradient matching needs sequences of one length");
            }
            for (int token : read(sequence)) {
                if (token < 0 || token >= vocabularySize()) {
                    throw new AttackException("token " + token + " is not in the vocabulary of " + vocabularySize());
                }
                System.arraycopy(embeddings, token * d, rows, at, d);
                at += d;
            }
        }
        return rows;
    }

    /** A sequence in the order in which the network reads it, and back again. */
    public int[] read(int[] sequence) {
        if (!backwards) {
            return sequence;
        }
        int[] turned = new int[sequence.length];
        for (int i = 0; i < turned.length; i++) {
            turned[i] = sequence[turned.length - 1 - i];
        }
        return turned;
    }

    /** Parameters in the network's order. */
    private static final class Filler {
        private final PublicModel source;
        private final float[] parameters;
        private int at;

        Filler(PublicModel source, int count) {
            this.source = source;
            this.parameters = new float[count];
        }

        void plain(String... names) {
            for (String name : names) {
                put(source.weight(name).data());
            }
        }

        /** Published and kept as d_in × d_out; the network takes d_out × d_in. */
        void linear(String weight, String bias) {
            turned(weight);
            plain(bias);
        }

        void turned(String... weights) {
            for (String weight : weights) {
                put(source.weight(weight).transposed().data());
            }
        }

        void put(float[] values) {
            System.arraycopy(values, 0, parameters, at, values.length);
            at += values.length;
        }
    }
}
