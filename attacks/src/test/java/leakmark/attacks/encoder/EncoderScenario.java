package leakmark.attacks.encoder;

import java.util.List;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.Task;
import leakmark.attacks.client.BatchSampler;
import leakmark.attacks.client.Client;
import leakmark.attacks.client.ClientBatch;
import leakmark.attacks.client.Masking;
import leakmark.attacks.client.Padding;
import leakmark.attacks.dager.Certificate;
import leakmark.attacks.dager.Certifier;
import leakmark.attacks.djl.Tokenizers;
import leakmark.attacks.djl.TransformerGradient;
import leakmark.attacks.metrics.RecoveryScore;
import leakmark.attacks.model.Architecture;
import leakmark.attacks.model.ModelConfiguration;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.SeededWeights;
import leakmark.attacks.text.Tokenizer;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.KernelProviders;

/** A client with natural text, what it shares, and the attack on it. */
record EncoderScenario(PublicModel model, ClientBatch truth, SharedGradient gradient) {
    static final TransformerGradient ENGINE = new TransformerGradient();
    /** With two, layer 2's span holds nine directions a sequence: only the first token asks its last query. */
    private static final int LAYERS = 3;

    private static final KernelProvider KERNELS = KernelProviders.best();

    static PublicModel model(Architecture architecture, int hiddenSize, int vocabularySize, double std) {
        ModelConfiguration configuration = new ModelConfiguration(
                "x",
                architecture,
                LAYERS,
                hiddenSize,
                4,
                vocabularySize,
                64,
                4 * hiddenSize,
                2,
                architecture == Architecture.BERT ? 1e-12 : 1e-5);
        return new PublicModel(configuration, new SeededWeights(configuration, 1, std));
    }

    static EncoderScenario of(
            PublicModel model, Task task, List<String> sentences, int batchSize, int sequenceLength, long seed) {
        Tokenizer tokenizer = Tokenizers.of(null, model.configuration()).tokenizer();
        ClientBatch drawn =
                new BatchSampler(tokenizer, sentences, sequenceLength, Padding.RIGHT, 2).sample(batchSize, seed);
        int vocabularySize = model.configuration().vocabularySize();
        ClientBatch truth =
                task == Task.MASKED_LM ? new Masking(vocabularySize - 1, vocabularySize).masked(drawn, seed) : drawn;
        return new EncoderScenario(
                model,
                truth,
                new Client(ENGINE).share(model, task, truth, Client.attackNames(model.configuration(), task)));
    }

    Reconstruction attacked() {
        return Attacks.exact(model, KERNELS, () -> ENGINE).reconstruct(model, gradient);
    }

    Certificate certified(Reconstruction result) {
        return new Certifier(ENGINE).certify(model, gradient, result);
    }

    RecoveryScore score(Reconstruction result) {
        return RecoveryScore.of(truth, result);
    }

    int tokens() {
        return truth.tokens().tokens();
    }
}
