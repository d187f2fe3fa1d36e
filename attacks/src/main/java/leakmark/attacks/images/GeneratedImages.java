package leakmark.attacks.images;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import leakmark.attacks.AttackException;

/**
 * Images drawn by code, of any size: eight kinds in turn (discs, polygons, gradients, stripes, checks, noise of several
 * scales, glyphs, scenes of several objects). Image i depends on i and the size only.
 */
public final class GeneratedImages {
    /** The set's size: eight of each kind. */
    public static final int COUNT = 64;

    /** Kinds; also the images' classes. */
    public static final int KINDS = 8;

    private static final int GLYPH_SIDE = 5;

    /** Letters of 5 × 5 dots, a bit each, rows from above. */
    private static final int[] GLYPHS = {
        0b01110_10001_11111_10001_10001, 0b11110_10001_11110_10001_11110, 0b01111_10000_10000_10000_01111,
        0b11111_00100_00100_00100_00100, 0b10001_01010_00100_01010_10001, 0b11111_00010_00100_01000_11111,
        0b10001_11001_10101_10011_10001, 0b01110_10001_10101_10011_01111,
    };

    private GeneratedImages() {}

    /**
     * The first images of the set.
     *
     * @param most how many at most; there are {@value #COUNT}
     * @throws AttackException if the size is beyond 64 × 64 or the channels are neither 1 nor 3
     */
    public static List<LabelledImage> of(int channels, int height, int width, int most) {
        return range(channels, height, width, 0, Math.min(COUNT, most));
    }

    /**
     * Images {@code from} to {@code to − 1} of the series that the set begins: kinds go on in turn, no end.
     *
     * @throws AttackException if the size is beyond 64 × 64 or the channels are neither 1 nor 3
     */
    public static List<LabelledImage> range(int channels, int height, int width, int from, int to) {
        if ((channels != 1 && channels != 3) || height < 8 || width < 8 || height > 64 || width > 64) {
            throw new AttackException("generated images have 1 or 3 channels and 8 × 8 to 64 × 64 pixels, not "
                    + channels + " × " + height + " × " + width);
        }
        List<LabelledImage> images = new ArrayList<>();
        for (int i = from; i < to; i++) {
            images.add(new LabelledImage("generated-" + i, draw(i, channels, height, width), i % KINDS));
        }
        return images;
    }

    private static Image draw(int index, int channels, int height, int width) {
        SplittableRandom random = new SplittableRandom(0x1EA4 + 977L * index);
        Scene scene = new Scene(height, width, random);
        switch (index % KINDS) {
            case 0 -> disc(scene, random);
            case 1 -> polygon(scene, random);
            case 2 -> gradient(scene, random);
            case 3 -> stripes(scene, random);
            case 4 -> checks(scene, random);
            case 5 -> noise(scene, random);
            case 6 -> glyph(scene, random);
            default -> {
                gradient(scene, random);
                disc(scene, random);
                polygon(scene, random);
                glyph(scene, random);
            }
        }
        return scene.image(channels);
    }

    /** A disc, or a ring. */
    private static void disc(Scene scene, SplittableRandom random) {
        double x = random.nextDouble(0.3, 0.7);
        double y = random.nextDouble(0.3, 0.7);
        double radius = random.nextDouble(0.15, 0.4);
        double hole = random.nextBoolean() ? 0 : radius * random.nextDouble(0.3, 0.7);
        scene.paint(scene.contrast(random), (u, v) -> {
            double distance = Math.hypot(u - x, v - y);
            return distance < radius && distance >= hole ? 1 : 0;
        });
    }

    /** A regular polygon of three to six corners: within all its edges' half planes. */
    private static void polygon(Scene scene, SplittableRandom random) {
        int corners = random.nextInt(3, 7);
        double turn = random.nextDouble(Math.PI);
        double radius = random.nextDouble(0.12, 0.3);
        double x = random.nextDouble(0.3, 0.7);
        double y = random.nextDouble(0.3, 0.7);
        scene.paint(scene.contrast(random), (u, v) -> {
            for (int k = 0; k < corners; k++) {
                double angle = turn + 2 * Math.PI * k / corners;
                if ((u - x) * Math.cos(angle) + (v - y) * Math.sin(angle) > radius) {
                    return 0;
                }
            }
            return 1;
        });
    }

    /** A gradient along a direction, or from a centre. */
    private static void gradient(Scene scene, SplittableRandom random) {
        double angle = random.nextDouble(2 * Math.PI);
        boolean radial = random.nextBoolean();
        scene.paint(scene.contrast(random), (u, v) -> {
            double along = (u - 0.5) * Math.cos(angle) + (v - 0.5) * Math.sin(angle);
            return radial ? Math.hypot(u - 0.5 - 0.3 * Math.cos(angle), v - 0.5) : along + 0.5;
        });
    }

    private static void stripes(Scene scene, SplittableRandom random) {
        double angle = random.nextDouble(Math.PI);
        double frequency = random.nextDouble(2, 6);
        double bend = random.nextDouble(0, 1.5);
        scene.paint(scene.contrast(random), (u, v) -> {
            double along = u * Math.cos(angle) + v * Math.sin(angle) + 0.1 * bend * Math.sin(6 * (u - v));
            return 0.5 + 0.5 * Math.sin(2 * Math.PI * frequency * along);
        });
    }

    private static void checks(Scene scene, SplittableRandom random) {
        int columns = random.nextInt(2, 7);
        int rows = random.nextInt(2, 7);
        double tilt = random.nextDouble(-0.4, 0.4);
        scene.paint(scene.contrast(random), (u, v) -> {
            int parity = (int) Math.floor(columns * (u + tilt * v)) + (int) Math.floor(rows * (v - tilt * u));
            return Math.floorMod(parity, 2);
        });
    }

    /** Waves of random direction and phase, shorter ones weaker: a texture like cloth or clouds. */
    private static void noise(Scene scene, SplittableRandom random) {
        for (int octave = 0; octave < 3; octave++) {
            double[] waves = random.doubles(15).toArray();
            double scale = 2 << octave;
            double strength = 0.5 / (octave + 1);
            scene.paint(scene.contrast(random), (u, v) -> {
                double sum = 0;
                for (int w = 0; w < waves.length; w += 3) {
                    double angle = 2 * Math.PI * waves[w];
                    double wave = scale * (0.6 + waves[w + 1]) * (u * Math.cos(angle) + v * Math.sin(angle));
                    sum += Math.sin(2 * Math.PI * (wave + waves[w + 2]));
                }
                return strength * (1 + sum / 2.5) / 2;
            });
        }
    }

    private static void glyph(Scene scene, SplittableRandom random) {
        int glyph = GLYPHS[random.nextInt(GLYPHS.length)];
        double size = random.nextDouble(0.5, 0.9);
        double left = random.nextDouble(0.05, 0.95 - size);
        double top = random.nextDouble(0.05, 0.95 - size);
        double slant = random.nextDouble(-0.15, 0.15);
        scene.paint(scene.contrast(random), (u, v) -> {
            int row = (int) Math.floor((v - top) / size * GLYPH_SIDE);
            int column = (int) Math.floor((u + slant * (v - 0.5) - left) / size * GLYPH_SIDE);
            boolean inside = row >= 0 && row < GLYPH_SIDE && column >= 0 && column < GLYPH_SIDE;
            return inside ? (glyph >> (GLYPH_SIDE * GLYPH_SIDE - 1 - row * GLYPH_SIDE - column)) & 1 : 0;
        });
    }
}
