package leakmark.benchmarks.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.client.ClientBatch;
import leakmark.attacks.client.FixedLengthSampler;
import leakmark.attacks.client.NetworkClient;
import leakmark.attacks.djl.Tokenizers;
import leakmark.attacks.dlg.LanguagePrior;
import leakmark.attacks.dlg.TextInversion;
import leakmark.attacks.dlg.TextReconstruction;
import leakmark.attacks.dlg.TextSettings;
import leakmark.attacks.dlg.Victim;
import leakmark.attacks.metrics.TokenAccuracy;
import leakmark.attacks.model.Models;
import leakmark.attacks.model.NetworkPresets;
import leakmark.attacks.model.Presets;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.TextNetwork;
import leakmark.attacks.text.TextFile;
import leakmark.attacks.text.TextProfile;
import leakmark.attacks.text.Tokenizer;
import leakmark.attacks.text.WordTokenizer;
import leakmark.kernels.matching.GradientMatching;
import org.jspecify.annotations.Nullable;

/** Attacks on text by embeddings, for the command line. */
final class DlgText {
    /** BERT's and GPT-2's initial standard deviation. */
    private static final double STANDARD_DEVIATION = 0.02;

    private DlgText() {}

    /** Draws the clients' sentences, attacks all their gradients, and scores. */
    static Outcome run(DlgPlan plan, @Nullable Path text, int sequenceLength) {
        if (plan.isPublished()) {
            throw new CommandFailure(ExitCode.USAGE, "--provider published attacks images only; name an image model");
        }
        TextSettings settings = plan.text();
        Target target = open(plan, sequenceLength);
        TextNetwork model = target.model();
        Tokenizer tokenizer = target.tokenizer();
        plan.checkMemory(model.model().network());
        FixedLengthSampler sampler = new FixedLengthSampler(
                tokenizer,
                text == null ? TextFile.corpus(TextProfile.ALL) : TextFile.read(text, null),
                sequenceLength,
                model.model().network().classes());
        GradientMatching kernels = plan.kernels().gradientMatching();
        NetworkClient client = new NetworkClient(kernels);
        FixedLengthSampler.Draw draw = sampler.draw(plan.seeds(), plan.batchSize(), plan.seed());
        List<Victim> victims = draw.batches().stream()
                .map(batch -> client.share(model, batch.tokens()))
                .toList();
        LanguagePrior prior = draw.prior(model.vocabularySize());
        long start = System.nanoTime();
        List<TextReconstruction> found;
        try (Progress progress = Progress.of("attacks", plan.seeds())) {
            found = new TextInversion(kernels, settings, prior)
                    .invert(model, victims, plan.seed(), plan.watch(progress));
        }
        double seconds = (System.nanoTime() - start) * 1e-9;
        return new Outcome(plan, settings, draw.batches(), found, tokenizer, seconds);
    }

    /** Whether a name is a text model's: a preset of either kind, or a folder. */
    static boolean isModel(String name) {
        return TextNetwork.names().contains(name)
                || Presets.names().contains(name)
                || (!NetworkPresets.names().contains(name) && isFolder(name));
    }

    private static boolean isFolder(String name) {
        try {
            return !name.isEmpty() && Files.isDirectory(Path.of(name));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private record Target(TextNetwork model, Tokenizer tokenizer) {}

    private static Target open(DlgPlan plan, int sequenceLength) {
        Path weights = plan.weights();
        if (TextNetwork.names().contains(plan.model())) {
            TextNetwork model = weights == null
                    ? TextNetwork.open(plan.model(), sequenceLength, plan.seed(), STANDARD_DEVIATION)
                    : TextNetwork.read(plan.model(), sequenceLength, weights);
            return new Target(model, new WordTokenizer(model.vocabularySize()));
        }
        if (weights != null) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "--weights is for " + String.join(", ", TextNetwork.names())
                            + "; name the folder of a GPT-2 or BERT as --model");
        }
        PublicModel model = Models.open(plan.model(), plan.seed(), STANDARD_DEVIATION);
        Path folder = Presets.names().contains(plan.model()) ? null : Path.of(plan.model());
        return new Target(
                TextNetwork.of(model, sequenceLength),
                Tokenizers.of(folder, model.configuration()).tokenizer());
    }

    /** What it came to. */
    record Outcome(
            DlgPlan plan,
            TextSettings settings,
            List<ClientBatch> truth,
            List<TextReconstruction> found,
            Tokenizer tokenizer,
            double seconds) {
        ExitCode exitCode() {
            return recovered() == truth.size() ? ExitCode.FINE : ExitCode.GATE_FAILED;
        }

        private double accuracy(int index) {
            TokenBatch batch = truth.get(index).tokens();
            return TokenAccuracy.of(batch.sequences(), found.get(index).sequences());
        }

        private int recovered() {
            int count = 0;
            for (int i = 0; i < truth.size(); i++) {
                count += accuracy(i) == 1 ? 1 : 0;
            }
            return count;
        }

        private double meanAccuracy() {
            double sum = 0;
            for (int i = 0; i < truth.size(); i++) {
                sum += accuracy(i) / truth.size();
            }
            return sum;
        }

        private long evaluations() {
            return found.stream().mapToLong(TextReconstruction::evaluations).sum();
        }

        void print(PrintWriter out) {
            out.printf(
                    Locale.ROOT,
                    "%d/%d batches with every token right, token accuracy %.1f %%, %.2f s, %d gradients matched%n",
                    recovered(),
                    truth.size(),
                    100 * meanAccuracy(),
                    seconds,
                    evaluations());
            for (int i = 0; i < truth.size(); i++) {
                out.printf(
                        Locale.ROOT,
                        "  %s seed %d: token accuracy %.0f %%%s%n",
                        accuracy(i) == 1 ? "✓" : "✗",
                        plan.seed() + i,
                        100 * accuracy(i),
                        found.get(i).certified() ? ", certified" : "");
                for (int[] sequence : found.get(i).sequences()) {
                    out.println("      " + tokenizer.decode(sequence).replaceAll("\\R", " "));
                }
            }
            out.flush();
        }

        Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("attack", settings.label());
            json.put("model", plan.model());
            json.put("provider", plan.providerName());
            json.put("seed", plan.seed());
            json.put("batchSize", plan.batchSize());
            json.put("attacks", truth.size());
            json.put("recovered", recovered());
            json.put("tokenAccuracy", meanAccuracy());
            json.put(
                    "certified",
                    found.stream().filter(TextReconstruction::certified).count());
            json.put("evaluations", evaluations());
            json.put("seconds", seconds);
            List<Map<String, Object>> results = new ArrayList<>();
            for (int i = 0; i < truth.size(); i++) {
                Map<String, Object> entry = new LinkedHashMap<>();
                entry.put("seed", plan.seed() + i);
                entry.put("tokenAccuracy", accuracy(i));
                entry.put("certified", found.get(i).certified());
                entry.put("distance", found.get(i).distance());
                entry.put("evaluations", found.get(i).evaluations());
                entry.put(
                        "recovered",
                        found.get(i).sequences().stream().map(tokenizer::decode).toList());
                entry.put("truth", truth.get(i).sentences());
                results.add(entry);
            }
            json.put("results", results);
            return json;
        }
    }
}
