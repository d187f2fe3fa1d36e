package leakmark.reports.compare;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import leakmark.reports.result.CellComparison;
import leakmark.reports.result.CellComparison.Verdict;
import leakmark.reports.result.Result;
import org.apache.commons.statistics.inference.MannWhitneyUTest;
import org.apache.commons.statistics.inference.PValueMethod;
import org.junit.jupiter.api.Test;

/**
 * How often verdicts are wrong, by simulation: each fork has luck of its own, iterations are autocorrelated and now and then
 * far off, and the machine drifts.
 */
class CalibrationTest {
    private static final int ROUNDS = 10;
    private static final int ITERATIONS = 20;
    private static final int TRIALS = 2000;

    /**
     * A machine.
     *
     * @param fork standard deviation of a fork's luck
     * @param iteration of an iteration's
     * @param correlation between an iteration and the next
     * @param tail chance of an iteration that takes up to twice as long
     * @param drift of the whole machine over the rounds
     */
    private record Noise(double fork, double iteration, double correlation, double tail, double drift) {
        /** Iterations of two forks in turn: luck is a fork's own, what the machine does passes from turn to turn. */
        double[][] forks(Random random, double[] times, int first, double when) {
            double[] luck = {fork * heavy(random), fork * heavy(random)};
            double[][] values = new double[2][ITERATIONS];
            double state = random.nextGaussian();
            for (int turn = 0; turn < 2 * ITERATIONS; turn++) {
                int side = (turn + first) % 2;
                state = correlation * state + Math.sqrt(1 - correlation * correlation) * random.nextGaussian();
                double spike = random.nextDouble() < tail ? 1 + random.nextDouble() : 1;
                values[side][turn / 2] = times[side] * spike * Math.exp(luck[side] + iteration * state + drift * when);
            }
            return values;
        }

        /** Student's t with 4 degrees of freedom, scaled to variance 1. */
        private static double heavy(Random random) {
            double chi = 0;
            for (int k = 0; k < 4; k++) {
                double g = random.nextGaussian();
                chi += g * g;
            }
            return random.nextGaussian() / Math.sqrt(chi / 4) / Math.sqrt(2);
        }
    }

    private static final MannWhitneyUTest POOLED =
            MannWhitneyUTest.withDefaults().with(PValueMethod.ASYMPTOTIC);

    private static final Noise QUIET = new Noise(0.01, 0.01, 0.5, 0.01, 0.02);
    private static final Noise SPIKY = new Noise(0.01, 0.01, 0.5, 0.30, 0.02);
    private static final Noise LOUD = new Noise(0.03, 0.02, 0.8, 0.05, 0.10);

    /**
     * Comparisons of one machine.
     *
     * @param verdicts how many of each
     * @param different called different before the tolerance
     * @param leftOut 95 % intervals that leave out 0 %
     * @param pooledDifferent pooled iterations that differ at 1 %
     */
    private record Tally(Map<Verdict, Integer> verdicts, int different, int leftOut, int pooledDifferent) {
        double share(Verdict verdict) {
            return verdicts.getOrDefault(verdict, 0) / (double) TRIALS;
        }
    }

    private static Tally trials(Noise noise, double slowdown) {
        Random random = new Random(20261121);
        Judge judge = new Judge(0.03);
        Map<Verdict, Integer> verdicts = new EnumMap<>(Verdict.class);
        int different = 0;
        int leftOut = 0;
        int pooled = 0;
        for (int trial = 0; trial < TRIALS; trial++) {
            List<Double> base = new ArrayList<>();
            List<Double> head = new ArrayList<>();
            double[] allBase = new double[ROUNDS * ITERATIONS];
            double[] allHead = new double[ROUNDS * ITERATIONS];
            for (int round = 0; round < ROUNDS; round++) {
                int first = round % 2;
                double[][] both =
                        noise.forks(random, new double[] {20, 20 * (1 + slowdown)}, first, (double) round / ROUNDS);
                double[] b = both[0];
                double[] h = both[1];
                System.arraycopy(b, 0, allBase, round * ITERATIONS, ITERATIONS);
                System.arraycopy(h, 0, allHead, round * ITERATIONS, ITERATIONS);
                double value = ForkValue.of(boxed(b), Result.Better.LOWER);
                base.add(value);
                head.add(value * ForkValue.ratio(boxed(b), boxed(h), first == 0 ? 0.5 : -0.5));
            }
            CellComparison cell = judge.paired(JudgeTest.KEY, JudgeTest.TIME, base, head);
            verdicts.merge(cell.verdict(), 1, Integer::sum);
            double p = JudgeTest.estimate(cell).pDifferent();
            different += p <= Judge.DIFFERENT ? 1 : 0;
            leftOut += p <= 0.05 ? 1 : 0;
            pooled += POOLED.test(allBase, allHead).getPValue() < 0.01 ? 1 : 0;
            if (cell.verdict() == Verdict.INCONCLUSIVE && slowdown > 0) {
                Integer needed = JudgeTest.estimate(cell).roundsNeeded();
                assertTrue(needed == null || needed >= Judge.LEAST_ROUNDS, cell.toString());
            }
        }
        return new Tally(verdicts, different, leftOut, pooled);
    }

    private static List<Double> boxed(double[] iterations) {
        return Arrays.stream(iterations).boxed().toList();
    }

    /** 5 % of 2000 is 100 ± 10, 1 % is 20 ± 4.5; 130 and 34 are three standard deviations above. */
    @Test
    void nothingChangedIsRarelyCalledDifferent() {
        for (Noise noise : List.of(QUIET, SPIKY, LOUD)) {
            Tally tally = trials(noise, 0);
            assertTrue(tally.leftOut <= 130, noise + ": 95 % intervals beside 0 " + tally.leftOut + " of " + TRIALS);
            assertTrue(tally.different <= 34, noise + ": different " + tally.different + " of " + TRIALS);
            double beyond = tally.share(Verdict.REGRESSED) + tally.share(Verdict.IMPROVED);
            assertTrue(beyond <= 0.002, noise + ": beyond the tolerance " + beyond);
        }
        // The simulated machine is one on which pooling iterations goes wrong: at a level of 1 %.
        int pooled = trials(LOUD, 0).pooledDifferent;
        assertTrue(pooled > 0.05 * TRIALS, "pooled iterations call " + pooled + " of " + TRIALS + " different");
    }

    /** At the edge of the band, being beyond it on the slow side is an error in at most 2.5 %: 50 ± 7 of 2000. */
    @Test
    void theEdgeOfTheBandIsRarelyCalledRegressed() {
        double regressed = trials(QUIET, 0.03).share(Verdict.REGRESSED);
        assertTrue(regressed <= 0.036, "regressed " + regressed);
    }

    @Test
    void slowDownsAreCaught() {
        for (Noise noise : List.of(QUIET, LOUD)) {
            Tally ten = trials(noise, 0.10);
            assertTrue(ten.share(Verdict.REGRESSED) >= (noise.equals(QUIET) ? 0.999 : 0.85), noise + ": " + ten);
            Tally five = trials(noise, 0.05);
            assertTrue(five.share(Verdict.REGRESSED) + five.share(Verdict.INCONCLUSIVE) >= 0.99, noise + ": " + five);
            assertTrue(ten.share(Verdict.SAME) == 0, noise + ": " + ten);
        }
    }

    /** What is called detectable is detected four times of five. */
    @Test
    void detectableMeansDetected() {
        double deviation = 0.04;
        double slowdown = new LogRatio(0, deviation, ROUNDS).detectable(Math.log(1.03));
        Random random = new Random(7);
        Judge judge = new Judge(0.03);
        int caught = 0;
        for (int trial = 0; trial < TRIALS; trial++) {
            List<Double> base = new ArrayList<>();
            List<Double> head = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                base.add(1.0);
                head.add(Math.exp(slowdown + deviation * random.nextGaussian()));
            }
            caught += judge.paired(JudgeTest.KEY, JudgeTest.TIME, base, head).verdict() == Verdict.REGRESSED ? 1 : 0;
        }
        // 80 % of 2000: three standard deviations are 2.7 %.
        double share = caught / (double) TRIALS;
        assertTrue(share > 0.773 && share < 0.827, "caught " + share);
    }
}
