package leakmark.reports.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import leakmark.reports.statistics.ScalingFit.Cell;
import leakmark.reports.statistics.ScalingFit.Exponent;
import leakmark.reports.statistics.ScalingFit.Fitted;
import leakmark.reports.statistics.ScalingFit.NotFitted;
import org.junit.jupiter.api.Test;

/**
 * Expected values: numpy.linalg.lstsq on a column of ones and the logarithms, standard errors from
 * s² · inv(XᵀX), scipy.stats.t.ppf(0.975, df).
 */
class ScalingFitTest {
    private static final double[][] CELLS = {
        {1, 8, 2.1},
        {1, 16, 3.4},
        {1, 24, 4.2},
        {2, 8, 4.6},
        {2, 16, 6.9},
        {2, 24, 9.4},
        {4, 8, 9.1},
        {4, 16, 15.2},
        {8, 8, 21.0},
        {8, 16, 30.5},
        {8, 24, 44.0}
    };
    private static final List<String> BOTH = List.of("batchSize", "sequenceLength");

    @Test
    void twoAxesAgainstNumpy() {
        Fitted fit = assertInstanceOf(Fitted.class, ScalingFit.of(BOTH, cells(CELLS, 2)));
        assertEquals(8, fit.degreesOfFreedom());
        assertEquals(0.5280787502562692, fit.scale(), 1e-12);
        assertEquals(0.037830015205577036, fit.residualDeviation(), 1e-12);
        assertExponent("batchSize", 1.0940848368316687, 1.0612516571806598, 1.1269180164826775, fit, 0);
        assertExponent("sequenceLength", 0.6621769583185642, 0.6032252813163477, 0.7211286353207806, fit, 1);
    }

    @Test
    void threeAxesAgainstNumpy() {
        double[][] rows = {
            {1, 8, 64, 0.9},
            {2, 8, 64, 2.1},
            {4, 16, 64, 6.2},
            {8, 16, 256, 61.0},
            {1, 16, 256, 9.1},
            {2, 24, 256, 30.0},
            {4, 8, 768, 70.0},
            {8, 24, 768, 380.0},
            {1, 24, 64, 2.6},
            {2, 16, 768, 61.0}
        };
        List<Cell> cells = new ArrayList<>();
        for (double[] row : rows) {
            cells.add(new Cell(List.of(row[0], row[1], row[2]), row[3]));
        }
        Fitted fit = assertInstanceOf(
                Fitted.class, ScalingFit.of(List.of("batchSize", "sequenceLength", "hiddenSize"), cells));
        assertEquals(6, fit.degreesOfFreedom());
        assertEquals(0.0009938087709560372, fit.scale(), 1e-12);
        assertExponent("batchSize", 0.9410562971499936, 0.8195139955156517, 1.0625985987843354, fit, 0);
        assertExponent("sequenceLength", 0.9200790081768918, 0.7267508825946971, 1.1134071337590865, fit, 1);
        assertExponent("hiddenSize", 1.1913076837431842, 1.1013925124968698, 1.2812228549894986, fit, 2);
        assertThrows(IllegalArgumentException.class, () -> ScalingFit.of(List.of("a", "b", "c", "d", "e"), List.of()));
    }

    @Test
    void oneAxisAgainstNumpy() {
        Fitted fit = assertInstanceOf(Fitted.class, ScalingFit.of(List.of("batchSize"), cells(CELLS, 1)));
        assertEquals(9, fit.degreesOfFreedom());
        assertEquals(3.0698841546977893, fit.scale(), 1e-11);
        assertExponent("batchSize", 1.076345647483095, 0.7969219126648561, 1.355769382301334, fit, 0);
    }

    @Test
    void anExactLawHasAnIntervalOfNoWidth() {
        List<Cell> cells = new ArrayList<>();
        for (double batchSize : new double[] {1, 3, 7, 20}) {
            for (double sequenceLength : new double[] {5, 11}) {
                cells.add(new Cell(
                        List.of(batchSize, sequenceLength), 4 * Math.pow(batchSize, 2) / Math.sqrt(sequenceLength)));
            }
        }
        Fitted fit = assertInstanceOf(Fitted.class, ScalingFit.of(BOTH, cells));
        assertExponent("batchSize", 2, 2, 2, fit, 0);
        assertExponent("sequenceLength", -0.5, -0.5, -0.5, fit, 1);
        assertEquals(4, fit.scale(), 1e-11);
    }

    @Test
    void threeDegreesOfFreedomAreNeeded() {
        List<Cell> both = cells(CELLS, 2);
        assertInstanceOf(Fitted.class, ScalingFit.of(BOTH, both.subList(0, 6)));
        assertEquals(
                "not enough cells: 5 of 6",
                assertInstanceOf(NotFitted.class, ScalingFit.of(BOTH, both.subList(0, 5)))
                        .reason());
        assertEquals(
                "not enough cells: 4 of 5",
                assertInstanceOf(
                                NotFitted.class,
                                ScalingFit.of(
                                        List.of("batchSize"), cells(CELLS, 1).subList(0, 4)))
                        .reason());
    }

    @Test
    void axesMustVaryAndVaryApart() {
        List<Cell> constant = new ArrayList<>();
        List<Cell> together = new ArrayList<>();
        for (int i = 1; i <= 7; i++) {
            constant.add(new Cell(List.of((double) i, 48.0), i));
            together.add(new Cell(List.of((double) i, 3.0 * i * i), i));
        }
        assertEquals(
                "sequenceLength does not vary",
                assertInstanceOf(NotFitted.class, ScalingFit.of(BOTH, constant)).reason());
        assertEquals(
                "batchSize and sequenceLength vary only together",
                assertInstanceOf(NotFitted.class, ScalingFit.of(BOTH, together)).reason());
    }

    @Test
    void refusesWhatHasNoLogarithm() {
        for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThrows(IllegalArgumentException.class, () -> new Cell(List.of(1.0), bad));
            assertThrows(IllegalArgumentException.class, () -> new Cell(List.of(bad), 1.0));
        }
        assertThrows(IllegalArgumentException.class, () -> ScalingFit.of(BOTH, cells(CELLS, 1)));
    }

    private static List<Cell> cells(double[][] rows, int axes) {
        List<Cell> cells = new ArrayList<>();
        for (double[] row : rows) {
            cells.add(new Cell(axes == 2 ? List.of(row[0], row[1]) : List.of(row[0]), row[2]));
        }
        return cells;
    }

    private static void assertExponent(String axis, double value, double low, double high, Fitted fit, int index) {
        Exponent exponent = fit.exponents().get(index);
        assertEquals(axis, exponent.axis());
        assertEquals(value, exponent.value(), 1e-11);
        assertEquals(low, exponent.low(), 1e-11);
        assertEquals(high, exponent.high(), 1e-11);
    }
}
