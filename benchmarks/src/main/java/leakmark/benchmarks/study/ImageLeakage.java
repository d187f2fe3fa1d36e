package leakmark.benchmarks.study;

import java.util.ArrayList;
import java.util.List;
import leakmark.attacks.client.ClientDefence;
import leakmark.attacks.client.ImageBatch;
import leakmark.attacks.client.NetworkClient;
import leakmark.attacks.client.ProtectedNetworkClient;
import leakmark.attacks.defences.Defence.Trace;
import leakmark.attacks.defences.Protection;
import leakmark.attacks.dlg.GradientInversion;
import leakmark.attacks.dlg.Inversion;
import leakmark.attacks.dlg.InversionSettings;
import leakmark.attacks.dlg.MaskAwareInversion;
import leakmark.attacks.dlg.RecoveredImages;
import leakmark.attacks.dlg.Victim;
import leakmark.attacks.images.GeneratedImages;
import leakmark.attacks.images.LabelledImage;
import leakmark.attacks.metrics.ImageScore;
import leakmark.attacks.model.NetworkPresets;
import leakmark.attacks.model.PublicNetwork;
import leakmark.attacks.optim.BatchMinimiser.Watch;
import leakmark.benchmarks.cli.Attacker;
import leakmark.kernels.matching.GradientMatching;
import leakmark.kernels.matching.Shape;

/**
 * DLG on images, LeNet, behind a defence. The unaware attacker runs DLG as it is; the aware one infers labels, matches
 * sent entries only where entries are missing, and weighs smoothness. Specifications are those of {@link
 * ClientDefence}, or {@code gaussian-absolute:σ} and {@code laplace-absolute:σ} with noise of standard deviation σ, as DLG states it.
 */
public final class ImageLeakage {
    /** What stands between the kind of absolute noise and its strength. */
    public static final String ABSOLUTE = "-absolute:";

    /** Pixels of a side. */
    public static final int SIDE = 32;

    private static final int CLASSES = 10;
    private static final long SEED = 1;
    private static final int ROUNDS = 12;
    /** Weight of total variation, relative to ‖g‖², for an attacker who expects pictures. */
    private static final double SMOOTHNESS = 1e-3;

    private final GradientMatching kernels;
    private final NetworkClient client;
    private final int iterations;
    private final Shape.Image shape;
    private final PublicNetwork network;
    private final List<ImageBatch> truth = new ArrayList<>();

    /**
     * Draws single images of 32 × 32.
     *
     * @param seeds images, one a client
     * @param iterations evaluations of an attack at most
     */
    public ImageLeakage(GradientMatching kernels, int seeds, int iterations) {
        this(kernels, seeds, iterations, SIDE, 1);
    }

    /**
     * Draws images.
     *
     * @param seeds clients; fewer if there are not images enough
     * @param iterations evaluations of an attack at most
     * @param side pixels of an image's side
     * @param batchSize images of a client
     */
    public ImageLeakage(GradientMatching kernels, int seeds, int iterations, int side, int batchSize) {
        this.kernels = kernels;
        this.client = new NetworkClient(kernels);
        this.iterations = iterations;
        this.shape = new Shape.Image(3, side, side);
        this.network = NetworkPresets.open("lenet", shape, CLASSES, SEED);
        List<LabelledImage> images = GeneratedImages.of(3, side, side, seeds * batchSize);
        for (int from = 0; from + batchSize <= images.size(); from += batchSize) {
            List<LabelledImage> some = images.subList(from, from + batchSize);
            truth.add(new ImageBatch(
                    some.stream().map(LabelledImage::image).toList(),
                    some.stream().mapToInt(LabelledImage::label).toArray()));
        }
    }

    /** Attacks every client at once, and scores what came out, client by client. */
    public List<ImageScore> attack(String specification, Attacker attacker) {
        List<Victim> victims = new ArrayList<>();
        for (int v = 0; v < truth.size(); v++) {
            victims.add(new ProtectedNetworkClient(client, protection(specification, v))
                    .share(network, truth.get(v), SEED + v));
        }
        List<Inversion> inversions = invert(victims, attacker, protection(specification, 0));
        List<ImageScore> scores = new ArrayList<>();
        for (int v = 0; v < victims.size(); v++) {
            Inversion inversion = inversions.get(v);
            scores.add(ImageScore.of(truth.get(v), RecoveredImages.of(inversion, shape), inversion.labels()));
        }
        return scores;
    }

    /** Values of a gradient. */
    public int parameters() {
        return network.network().parameterCount();
    }

    /** A client's protection, new. Absolute noise is relative noise of another strength for each client. */
    public Protection protection(String specification, int number) {
        int at = specification.indexOf(ABSOLUTE);
        if (at < 0) {
            return ClientDefence.parse(specification).protection();
        }
        double sigma = Double.parseDouble(specification.substring(at + ABSOLUTE.length()));
        double norm = Math.sqrt(square(client.share(network, truth.get(number)).gradient()));
        return Protection.parse(specification.substring(0, at) + ":" + sigma / norm);
    }

    private static double square(float[] gradient) {
        double sum = 0;
        for (float value : gradient) {
            sum += (double) value * value;
        }
        return sum;
    }

    private List<Inversion> invert(List<Victim> victims, Attacker attacker, Protection protection) {
        InversionSettings dlg = InversionSettings.dlg().within(iterations, 1);
        InversionSettings known = InversionSettings.idlg().within(iterations, 1);
        if (attacker == Attacker.UNAWARE) {
            return new GradientInversion(kernels, dlg).invert(network, victims, SEED, Watch.none());
        }
        InversionSettings settings =
                smooth(known, SMOOTHNESS * square(victims.get(0).gradient()));
        return protection.trace() == Trace.SPARSE
                ? new MaskAwareInversion(kernels, settings, ROUNDS).invert(network, victims, SEED, Watch.none())
                : new GradientInversion(kernels, settings).invert(network, victims, SEED, Watch.none());
    }

    private static InversionSettings smooth(InversionSettings settings, double weight) {
        return new InversionSettings(
                "idlg with total variation",
                settings.distance(),
                true,
                weight,
                settings.optimiser(),
                settings.iterations(),
                1,
                0,
                1);
    }
}
