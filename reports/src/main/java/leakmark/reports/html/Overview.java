package leakmark.reports.html;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import leakmark.reports.history.Timeline;
import leakmark.reports.result.CellComparison;
import leakmark.reports.result.Claim;
import leakmark.reports.result.Result;
import leakmark.reports.result.Result.Status;

/** The first page: which pages there are, and what each says in one line. */
final class Overview {
    /**
     * A page.
     *
     * @param id of its section
     * @param title in the list of pages
     * @param says what is on it
     */
    record Tab(String id, String title, String says) {}

    private Overview() {}

    /** All pages that have something to show, in their order; the overview itself is not among them. */
    static List<Tab> tabs(Page page) {
        List<Tab> tabs = new ArrayList<>();
        List<Result> attacks = page.reconstructions();
        boolean tested = page.selfTest() != null;
        add(tabs, !page.forests().isEmpty() && !tested, "compare", "Compare", counts(verdicts(page)));
        Protections protections = page.protections();
        add(
                tabs,
                !protections.isEmpty(),
                "defences",
                "Defences",
                protections.defences().size() + " defences, "
                        + protections.settings().size() + " settings");
        add(tabs, !attacks.isEmpty(), "scaling", "Sweep", cells(attacks));
        add(
                tabs,
                !page.recovery().isEmpty(),
                "recovery",
                "Recovery",
                page.recovery().size() + " charts against size and strength of attention");
        add(
                tabs,
                !page.comparisons().isEmpty(),
                "published",
                "Published",
                number(page.comparisons().size(), "cell") + " beside the published algorithm");
        add(tabs, !attacks.isEmpty(), "results", "Results", statuses(attacks));
        add(tabs, !page.stages().bars().isEmpty(), "stages", "Time split", "stages of one reconstruction");
        add(tabs, !page.kernels().isEmpty(), "kernels", "Roofline", cells(results(page)));
        add(
                tabs,
                !page.costs().isEmpty() || !page.crossovers().isEmpty(),
                "cost",
                "Cost model",
                page.costs().stream().mapToInt(map -> map.map().rows().size()).sum()
                        + " rows of measured over least time"
                        + (page.crossovers().isEmpty() ? "" : "; CPU or GPU"));
        var evidence = page.file().evidence();
        add(
                tabs,
                !evidence.latencies().isEmpty(),
                "latency",
                "Latency",
                number(evidence.latencies().size(), "load"));
        add(
                tabs,
                !evidence.profiles().isEmpty(),
                "profile",
                "Profile",
                number(evidence.profiles().size(), "profile"));
        add(
                tabs,
                !page.examples().isEmpty(),
                "text",
                "Text",
                page.examples().stream().map(Page.ExampleView::title).collect(Collectors.joining("; ")));
        add(
                tabs,
                !page.galleries().isEmpty() || !page.inversions().isEmpty(),
                "images",
                "Images",
                number(page.inversions().size(), "cell") + ", "
                        + number(page.galleries().size(), "strip") + " of images");
        add(
                tabs,
                !page.file().claims().isEmpty(),
                "claims",
                "Claims",
                counts(page.file().claims().stream().map(Claim::verdict).toList()));
        add(
                tabs,
                page.history() != null,
                "history",
                "History",
                timelines(page).stream()
                                .filter(timeline -> !timeline.changes().isEmpty())
                                .count() + " of " + timelines(page).size() + " cells changed their level");
        add(
                tabs,
                tested || !NoiseRow.of(page.file().results()).isEmpty(),
                "noise",
                tested ? "Self-test" : "Noise",
                tested ? number(page.forests().size(), "repetition") : "spread inside forks and between them");
        add(
                tabs,
                true,
                "machine",
                "Environment",
                "machine " + page.file().machine().id());
        add(tabs, true, "reproduce", "Raw", "how to read it and run it again; every value");
        return tabs;
    }

    static List<Timeline> timelines(Page page) {
        return page.history() == null ? List.of() : page.history().timelines();
    }

    private static void add(List<Tab> tabs, boolean shown, String id, String title, String says) {
        if (shown) {
            tabs.add(new Tab(id, title, says));
        }
    }

    private static List<CellComparison.Verdict> verdicts(Page page) {
        return page.file().comparisons().stream()
                .flatMap(comparison -> comparison.cells().stream())
                .map(CellComparison::verdict)
                .toList();
    }

    private static List<Result> results(Page page) {
        return page.kernels().stream().map(KernelRow::result).toList();
    }

    private static String cells(List<Result> results) {
        return results.size()
                + (results.size() == 1 ? " cell of " : " cells of ")
                + results.stream()
                        .map(result -> result.key().benchmark())
                        .distinct()
                        .collect(Collectors.joining(", "));
    }

    private static String number(int count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    private static String statuses(List<Result> results) {
        long exact = results.stream().filter(Cells::isExact).count();
        return counts(results.stream().map(Result::status).toList()) + "; " + exact + " recovered exactly"
                + (results.stream().anyMatch(result -> result.status() == Status.WITHHELD)
                        ? "; gates withheld some"
                        : "");
    }

    /** {@code 3 SAME, 1 REGRESSED}, in the order of the constants. */
    private static <E extends Enum<E>> String counts(List<E> values) {
        return values.stream()
                .collect(Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()))
                .entrySet()
                .stream()
                .map(entry -> entry.getValue() + " " + entry.getKey().name().replace('_', ' '))
                .collect(Collectors.joining(", "));
    }
}
