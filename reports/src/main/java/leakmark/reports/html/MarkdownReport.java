package leakmark.reports.html;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Status;
import leakmark.reports.result.ResultFile;
import leakmark.reports.statistics.ScalingFit;

/** The report as Markdown, for a README or a pull request. */
public final class MarkdownReport {
    private MarkdownReport() {}

    /**
     * Headline, recovery and time of every cell with the published algorithm beside it, gradient matching, exponents,
     * kernels, machine.
     */
    public static String render(ResultFile file) {
        Page page = Page.of(file);
        List<String> blocks = new ArrayList<>();
        blocks.add("**" + escape(page.headline().sentence()) + "** "
                + escape(page.headline().detail()));
        file.comparisons().forEach(comparison -> blocks.add(ComparisonSummary.table(comparison)));
        if (!page.reconstructions().isEmpty()) {
            blocks.add(reconstructions(page));
        }
        if (!page.protections().isEmpty()) {
            blocks.add(protections(page.protections()));
        }
        if (!page.inversions().isEmpty()) {
            blocks.add(inversions(page.inversions()));
        }
        String fits = page.fits().stream()
                .filter(row -> !row.exponents().isEmpty())
                .map(row -> "- " + escape(row.benchmark() + " " + row.variant()) + ": time ∝ "
                        + row.exponents().stream().map(MarkdownReport::exponent).collect(Collectors.joining(" × ")))
                .collect(Collectors.joining("\n"));
        if (!fits.isEmpty()) {
            blocks.add("Fitted exponents with 95 % confidence intervals:\n\n" + fits);
        }
        if (!page.kernels().isEmpty()) {
            blocks.add(kernels(page));
        }
        blocks.add("Machine " + code(file.machine().id()) + " ("
                + escape(Format.join(file.machine().stable().values())) + "); seed "
                + file.run().seed() + "; git " + code(Format.orNone(file.run().gitRevision())) + "; "
                + code(Format.command(file.run().argv())) + ".");
        return String.join("\n\n", blocks) + "\n";
    }

    private static String reconstructions(Page page) {
        List<Result> results = page.reconstructions();
        List<String> params = Cells.varying(results);
        Map<Result.Key, String> ratios = new HashMap<>();
        page.comparisons().forEach(comparison -> ratios.put(comparison.ours().key(), comparison.value()));
        List<List<String>> rows = new ArrayList<>();
        for (Result result : results) {
            rows.add(Stream.of(
                            Cells.values(result, params).stream(),
                            Stream.of(
                                    Format.orNone(result.key().variant()),
                                    Format.recovery(result),
                                    Format.quality(result, Result.ROUGE_1),
                                    Format.quality(result, Result.ROUGE_2),
                                    score(result),
                                    ratios.getOrDefault(result.key(), Format.NONE)))
                    .flatMap(stream -> stream)
                    .toList());
        }
        List<String> header = Stream.concat(
                        params.stream(), Stream.of("variant", "exact", "ROUGE-1", "ROUGE-2", "time", "× published"))
                .toList();
        return table(header, rows);
    }

    private static String protections(Protections protections) {
        List<List<String>> rows = Stream.concat(protections.defences().stream(), protections.settings().stream())
                .map(row -> List.of(
                        row.attack(),
                        row.name(),
                        row.leaked(row.unaware(), row.measure()),
                        row.leaked(row.aware(), row.measure()),
                        row.exact(row.unaware()),
                        row.exact(row.aware()),
                        row.quality("accuracy"),
                        row.remark()))
                .toList();
        return table(
                List.of(
                        "attack",
                        "defence or setting",
                        "unaware",
                        "aware",
                        "exact, unaware",
                        "exact, aware",
                        "accuracy",
                        "remark"),
                rows);
    }

    private static String inversions(List<InversionRow> inversions) {
        List<String> params =
                Cells.varying(inversions.stream().map(InversionRow::result).toList());
        List<List<String>> rows = inversions.stream()
                .map(row -> Stream.of(
                                Stream.of(
                                        row.result().key().benchmark(),
                                        Format.orNone(row.result().key().variant())),
                                Cells.values(row.result(), params).stream(),
                                Stream.of(
                                        score(row.result()),
                                        row.rate(),
                                        row.ratio(),
                                        row.success(),
                                        row.recoveredRatio(),
                                        row.evaluations()))
                        .flatMap(stream -> stream)
                        .toList())
                .toList();
        List<String> header = Stream.of(
                        Stream.of("attack", "variant"),
                        params.stream(),
                        Stream.of(
                                "time",
                                "attacks/s",
                                "× published",
                                "recovered",
                                "recovered/s × published",
                                "gradients an attack"))
                .flatMap(stream -> stream)
                .toList();
        return table(header, rows);
    }

    private static String kernels(Page page) {
        List<Result> results = page.kernels().stream().map(KernelRow::result).toList();
        List<String> params = Cells.varying(results);
        List<List<String>> rows = page.kernels().stream()
                .map(row -> Stream.of(
                                Stream.of(
                                        row.result().key().benchmark(),
                                        Format.orNone(row.result().key().variant())),
                                Cells.values(row.result(), params).stream(),
                                Stream.of(score(row.result()), row.fraction(), row.bound(), row.streaming()),
                                KernelRow.hasBaseline(page.kernels()) ? Stream.of(row.baseline()) : Stream.<String>of(),
                                KernelRow.hasAllocation(page.kernels())
                                        ? Stream.of(row.allocation())
                                        : Stream.<String>of())
                        .flatMap(stream -> stream)
                        .toList())
                .toList();
        List<String> header = Stream.of(
                        Stream.of("kernel", "variant"),
                        params.stream(),
                        Stream.of("time", "of roof", "roof", "× streaming"),
                        KernelRow.hasBaseline(page.kernels()) ? Stream.of("× PyTorch") : Stream.<String>of(),
                        KernelRow.hasAllocation(page.kernels()) ? Stream.of("allocated") : Stream.<String>of())
                .flatMap(stream -> stream)
                .toList();
        return table(header, rows);
    }

    private static String exponent(ScalingFit.Exponent exponent) {
        return exponent.axis() + "^" + Format.fixed(exponent.value(), 2) + " (" + Format.fixed(exponent.low(), 2)
                + " to " + Format.fixed(exponent.high(), 2) + ")";
    }

    private static String score(Result result) {
        return result.status() == Status.OK
                ? Format.score(result)
                : result.status() + ": " + Format.join(result.reasons());
    }

    static String table(List<String> header, List<List<String>> rows) {
        return Stream.concat(
                        Stream.of(header, header.stream().map(name -> "---").toList()), rows.stream())
                .map(row -> row.stream().map(MarkdownReport::escape).collect(Collectors.joining(" | ", "| ", " |")))
                .collect(Collectors.joining("\n"));
    }

    /** Keeps text from ending a cell or starting mark-up. */
    static String escape(String text) {
        return text.replaceAll("\\s+", " ").replaceAll("([\\\\|*_`<>\\[\\]])", "\\\\$1");
    }

    static String code(String text) {
        String fence = text.contains("`") ? "``" : "`";
        return fence + text.replaceAll("\\s+", " ") + fence;
    }
}
