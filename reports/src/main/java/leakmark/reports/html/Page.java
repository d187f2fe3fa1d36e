package leakmark.reports.html;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import leakmark.reports.history.History;
import leakmark.reports.result.Example;
import leakmark.reports.result.Fit;
import leakmark.reports.result.Gallery;
import leakmark.reports.result.Result;
import leakmark.reports.result.ResultFile;
import org.jspecify.annotations.Nullable;

/** What the templates draw. */
record Page(
        ResultFile file,
        Headline headline,
        List<SweepView> sweeps,
        List<Chart> recovery,
        List<Fit> fits,
        List<Comparison> comparisons,
        List<Result> reconstructions,
        List<KernelRow> kernels,
        StageBars stages,
        List<ExampleView> examples,
        List<InversionRow> inversions,
        List<GalleryView> galleries,
        List<Forest> forests,
        List<CostMap> costs,
        List<Crossover> crossovers,
        Protections protections,
        @Nullable History history) {
    /**
     * A sweep's charts, and how many of its cells they leave out for want of a score.
     */
    record SweepView(Sweep sweep, List<Chart> charts, int undrawn) {}

    /** A sequence's true and recovered text in pieces. */
    record TextRow(List<TextDifference.Piece> truth, List<TextDifference.Piece> recovered, boolean exact) {}

    /** A batch as text. */
    record ExampleView(String title, Map<String, String> params, long exact, List<TextRow> rows) {}

    /** Images, and their loss curves where there are any. */
    record GalleryView(Gallery gallery, @Nullable LossCurves curves) {}

    /** What a self-test came to; null if the file is none. */
    @Nullable
    String selfTest() {
        return file.run().protocol().get(Headline.SELF_TEST);
    }

    /** Pages to choose from. */
    List<Overview.Tab> tabs() {
        return Overview.tabs(this);
    }

    /** Whether there is such a page. */
    boolean has(String id) {
        return tabs().stream().anyMatch(tab -> tab.id().equals(id));
    }

    static Page of(ResultFile file) {
        return of(file, null);
    }

    /**
     * Everything a file has to show.
     *
     * @param history of earlier runs; null for none
     */
    static Page of(ResultFile file, @Nullable History history) {
        Cells cells = Cells.of(file.results());
        List<Sweep> sweeps = Sweep.of(cells.reconstructions());
        return new Page(
                file,
                Headline.of(file),
                views(sweeps),
                RecoveryCurves.of(cells.reconstructions()),
                file.fits(),
                Comparison.of(file.results()),
                cells.reconstructions(),
                KernelRow.of(cells.kernels(), file.roofs()),
                StageBars.of(cells.reconstructions()),
                file.examples().stream().map(Page::view).toList(),
                InversionRow.of(cells.inversions()),
                file.galleries().stream()
                        .map(gallery -> new GalleryView(gallery, LossCurves.of(gallery)))
                        .toList(),
                Forest.of(file.comparisons()),
                CostMap.of(file.results(), file.roofs()),
                Crossover.of(file.results(), file.evidence().predictions()),
                Protections.of(file.results()),
                history);
    }

    private static List<SweepView> views(List<Sweep> sweeps) {
        List<SweepView> views = new ArrayList<>();
        for (Sweep sweep : sweeps) {
            List<Result> timed = Sweep.timed(sweep.cells());
            List<Chart> charts = new ArrayList<>();
            for (String axis : List.of(Result.BATCH_SIZE, Result.SEQUENCE_LENGTH)) {
                if (Sweep.values(timed, axis).size() > 1) {
                    String other = axis.equals(Result.BATCH_SIZE) ? Result.SEQUENCE_LENGTH : Result.BATCH_SIZE;
                    charts.add(Chart.of(sweep, axis, other, "chart-" + views.size() + "-" + axis));
                }
            }
            int undrawn = sweep.cells().size()
                    - timed.size()
                    + sweep.published().size()
                    - Sweep.timed(sweep.published()).size();
            views.add(new SweepView(sweep, charts, undrawn));
        }
        return views;
    }

    /** How well a law fits, or why there is none. */
    static String note(Fit fit) {
        Double deviation = fit.residualDeviation();
        return deviation == null
                ? Format.orNone(fit.reason())
                : fit.degreesOfFreedom() + " degrees of freedom, residual " + Format.percent(deviation);
    }

    private static ExampleView view(Example example) {
        List<TextRow> rows = new ArrayList<>();
        for (int i = 0; i < example.trueText().size(); i++) {
            String truth = example.trueText().get(i);
            String recovered = example.recoveredText().get(i);
            rows.add(new TextRow(
                    TextDifference.of(truth, recovered),
                    TextDifference.of(recovered, truth),
                    example.exact().get(i)));
        }
        long exact = rows.stream().filter(TextRow::exact).count();
        return new ExampleView(example.title(), example.params(), exact, rows);
    }
}
