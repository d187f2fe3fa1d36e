package leakmark.benchmarks.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import leakmark.attacks.AttackException;
import leakmark.attacks.client.ImageBatch;
import leakmark.attacks.client.NetworkClient;
import leakmark.attacks.dlg.GradientInversion;
import leakmark.attacks.dlg.Inversion;
import leakmark.attacks.dlg.InversionSettings;
import leakmark.attacks.dlg.RecoveredImages;
import leakmark.attacks.dlg.Victim;
import leakmark.attacks.images.Image;
import leakmark.attacks.images.ImageSource;
import leakmark.attacks.images.ImageStrip;
import leakmark.attacks.images.LabelledImage;
import leakmark.attacks.metrics.ImageScore;
import leakmark.attacks.metrics.SuccessRate;
import leakmark.attacks.model.NetworkPresets;
import leakmark.attacks.model.PublicNetwork;
import leakmark.attacks.optim.Ending;
import leakmark.attacks.published.PublishedDlg;
import leakmark.kernels.matching.GradientMatching;
import leakmark.kernels.matching.Shape;
import org.jspecify.annotations.Nullable;

/** Attacks on images for the command line. */
final class DlgImages {
    /** A strip of more pictures is wider than any screen. */
    private static final int MOST_PICTURES = 40;

    private DlgImages() {}

    /** Draws the clients' batches, attacks all their gradients, and scores. */
    static Outcome run(DlgPlan plan, String source, int[] shape, int classes) {
        Shape.Image input = input(shape);
        InversionSettings settings = plan.images();
        PublicNetwork model = open(plan, input, classes);
        plan.checkMemory(model.network());
        List<ImageBatch> truth = batches(plan, source, input, classes);
        GradientMatching kernels = plan.kernels().gradientMatching();
        NetworkClient client = new NetworkClient(kernels);
        List<Victim> victims =
                truth.stream().map(batch -> client.share(model, batch)).toList();
        long start = System.nanoTime();
        List<Inversion> inversions;
        try (Progress progress = Progress.of("attacks", plan.seeds())) {
            inversions = plan.isPublished()
                    ? published(plan, model, victims, settings, progress)
                    : new GradientInversion(kernels, settings)
                            .invert(model, victims, plan.seed(), plan.watch(progress));
        }
        double seconds = (System.nanoTime() - start) * 1e-9;
        List<List<Image>> recovered = inversions.stream()
                .map(inversion -> RecoveredImages.of(inversion, input))
                .toList();
        List<ImageScore> scores = new ArrayList<>();
        for (int i = 0; i < truth.size(); i++) {
            scores.add(ImageScore.of(
                    truth.get(i), recovered.get(i), inversions.get(i).labels()));
        }
        return new Outcome(plan, settings, truth, recovered, inversions, scores, seconds);
    }

    private static Shape.Image input(int[] shape) {
        try {
            return new Shape.Image(shape[0], shape[1], shape[2]);
        } catch (IllegalArgumentException e) {
            throw new AttackException("--image-shape: " + e.getMessage(), e);
        }
    }

    private static PublicNetwork open(DlgPlan plan, Shape.Image input, int classes) {
        return plan.weights() == null
                ? NetworkPresets.open(plan.model(), input, classes, plan.seed())
                : PublicNetwork.read(
                        plan.model(), NetworkPresets.network(plan.model(), input, classes), plan.weights());
    }

    private static List<ImageBatch> batches(DlgPlan plan, String source, Shape.Image input, int classes) {
        int wanted = (int) Math.min(Integer.MAX_VALUE, (long) plan.seeds() * plan.batchSize());
        List<LabelledImage> images = ImageSource.read(source, input.channels(), input.height(), input.width(), wanted);
        List<ImageBatch> batches = new ArrayList<>();
        for (int s = 0; s < plan.seeds(); s++) {
            List<Image> pixels = new ArrayList<>();
            int[] labels = new int[plan.batchSize()];
            for (int i = 0; i < labels.length; i++) {
                // Sets smaller than the seeds are gone through again, from another start.
                LabelledImage image = images.get((int) (((long) s * plan.batchSize() + i) % images.size()));
                pixels.add(image.image());
                labels[i] = image.label();
                if (image.label() >= classes) {
                    throw new AttackException(image.name() + ": label " + image.label()
                            + " is out of range, the model has " + classes + " classes; raise --classes");
                }
            }
            batches.add(new ImageBatch(pixels, labels));
        }
        return batches;
    }

    private static List<Inversion> published(
            DlgPlan plan, PublicNetwork model, List<Victim> victims, InversionSettings settings, Progress progress) {
        if (!settings.label().equals("dlg") || settings.restarts() > 1) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--provider published is DLG with one start; leave out --method and --restarts");
        }
        Torch.require();
        InversionSettings rule =
                plan.optimiser() == null ? settings.with(leakmark.attacks.optim.Lbfgs.published()) : settings;
        List<Inversion> inversions = new ArrayList<>();
        try (PublishedDlg attack = new PublishedDlg(model)) {
            for (int i = 0; i < victims.size(); i++) {
                inversions.add(attack.invert(
                        victims.get(i), rule.optimiser(), rule.iterations(), rule.tolerance(), plan.seed() + i));
                progress.step();
            }
        }
        return inversions;
    }

    /**
     * What it came to.
     *
     * @param seconds of all attacks together, clients' gradients not counted
     */
    record Outcome(
            DlgPlan plan,
            InversionSettings settings,
            List<ImageBatch> truth,
            List<List<Image>> recovered,
            List<Inversion> inversions,
            List<ImageScore> scores,
            double seconds) {
        ExitCode exitCode() {
            return successes().recovered() == truth.size() ? ExitCode.FINE : ExitCode.GATE_FAILED;
        }

        SuccessRate successes() {
            return SuccessRate.of(scores);
        }

        void writeStrip(Path file) {
            List<Image> left = new ArrayList<>();
            List<Image> right = new ArrayList<>();
            for (int s = 0; s < truth.size(); s++) {
                for (int i = 0; i < plan.batchSize() && left.size() < MOST_PICTURES; i++) {
                    left.add(truth.get(s).images().get(i));
                    right.add(recovered.get(s).get(scores.get(s).partner()[i]));
                }
            }
            ImageStrip.write(file, ImageStrip.comparison(left, right, 2));
        }

        void print(PrintWriter out, Path strip) {
            out.printf(
                    Locale.ROOT,
                    "%d/%d recovered (MSE below %.0e), %.2f s, %.2f attacks/s, %d gradients matched, median MSE %.1e, PSNR %.1f dB%n",
                    successes().recovered(),
                    truth.size(),
                    ImageScore.RECOVERED,
                    seconds,
                    truth.size() / seconds,
                    evaluations(),
                    median(ImageScore::mse),
                    ImageScore.psnr(median(ImageScore::mse)));
            for (int s = 0; s < truth.size(); s++) {
                ImageScore score = scores.get(s);
                Inversion inversion = inversions.get(s);
                out.printf(
                        Locale.ROOT,
                        "  %s seed %d: MSE %.1e, SSIM %.3f, labels %.0f %%, %d iterations, %d evaluations, %s%n",
                        score.recovered() ? "✓" : "✗",
                        plan.seed() + s,
                        score.mse(),
                        score.ssim(),
                        100 * score.labelAccuracy(),
                        inversion.iterations(),
                        inversion.evaluations(),
                        reason(inversion.ending()));
            }
            out.println("true, recovered and difference images: " + strip);
            out.flush();
        }

        private static String reason(Ending ending) {
            return switch (ending) {
                case CONVERGED -> "converged";
                case STALLED -> "stalled";
                case EXHAUSTED -> "all iterations used";
                case NOT_FINITE -> "stopped: the loss became NaN or infinite, best state kept";
                case CANCELLED -> "cancelled";
            };
        }

        private long evaluations() {
            return inversions.stream().mapToLong(Inversion::evaluations).sum();
        }

        private double median(java.util.function.ToDoubleFunction<ImageScore> value) {
            double[] sorted = scores.stream().mapToDouble(value).sorted().toArray();
            return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
        }

        Map<String, Object> json(Path strip) {
            Map<String, @Nullable Object> json = new LinkedHashMap<>();
            json.put("attack", settings.label());
            json.put("model", plan.model());
            json.put("provider", plan.providerName());
            json.put(
                    "optimiser",
                    plan.isPublished() && plan.optimiser() == null
                            ? "lbfgs-published"
                            : settings.optimiser().label());
            json.put("seed", plan.seed());
            json.put("batchSize", plan.batchSize());
            json.put("attacks", truth.size());
            json.put("recovered", successes().recovered());
            json.put("successLow", successes().low());
            json.put("successHigh", successes().high());
            json.put("mse", finite(median(ImageScore::mse)));
            json.put("psnr", finite(ImageScore.psnr(median(ImageScore::mse))));
            json.put("ssim", finite(median(ImageScore::ssim)));
            json.put(
                    "labelAccuracy",
                    scores.stream()
                            .mapToDouble(ImageScore::labelAccuracy)
                            .average()
                            .orElse(0));
            json.put("evaluations", evaluations());
            json.put("seconds", seconds);
            json.put("attacksPerSecond", truth.size() / seconds);
            json.put("strip", strip.toString());
            List<Map<String, @Nullable Object>> results = new ArrayList<>();
            for (int s = 0; s < truth.size(); s++) {
                Inversion inversion = inversions.get(s);
                Map<String, @Nullable Object> entry = new LinkedHashMap<>();
                entry.put("seed", plan.seed() + s);
                entry.put("recovered", scores.get(s).recovered());
                entry.put("mse", finite(scores.get(s).mse()));
                entry.put("psnr", finite(scores.get(s).psnr()));
                entry.put("ssim", finite(scores.get(s).ssim()));
                entry.put("labels", inversion.labels());
                entry.put("iterations", inversion.iterations());
                entry.put("evaluations", inversion.evaluations());
                entry.put("starts", inversion.starts());
                entry.put("ending", inversion.ending().name().toLowerCase(Locale.ROOT));
                entry.put("loss", finite(inversion.loss()));
                entry.put(
                        "curve",
                        Arrays.stream(inversion.curve())
                                .mapToObj(Outcome::finite)
                                .toList());
                results.add(entry);
            }
            json.put("results", results);
            return json;
        }

        /** JSON has no infinity. */
        private static @Nullable Double finite(double value) {
            return Double.isFinite(value) ? value : null;
        }
    }
}
