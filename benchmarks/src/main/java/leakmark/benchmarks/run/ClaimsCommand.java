package leakmark.benchmarks.run;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import leakmark.benchmarks.cli.CommandFailure;
import leakmark.benchmarks.cli.ExitCode;
import leakmark.benchmarks.cli.JsonOption;
import leakmark.benchmarks.cli.OutputFiles;
import leakmark.reports.claims.ClaimSheet;
import leakmark.reports.claims.ClaimSheets;
import leakmark.reports.result.Claim;
import leakmark.reports.result.Claim.Verdict;
import leakmark.reports.result.ResultFile;
import leakmark.reports.result.ResultFiles;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code leakmark claims}: what the papers claim, checked. */
@Command(
        name = "claims",
        description = "What the papers claim, and what measurements here say about it.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "list|verify",
        footerHeading = "%nExamples:%n",
        footer = {"  leakmark claims list", "  leakmark claims verify D04 L08"},
        subcommands = {ClaimsCommand.Listing.class, ClaimsCommand.Verify.class})
public final class ClaimsCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "which? " + String.join(", ", spec.subcommands().keySet()));
    }

    /** {@code leakmark claims list}. */
    @Command(
            name = "list",
            description = "The claims, their sources, and whether anything here can check them.",
            mixinStandardHelpOptions = true,
            footerHeading = "%nExample:%n",
            footer = "  leakmark claims list --json")
    static final class Listing implements Runnable {
        @Mixin
        @SuppressWarnings("NullAway.Init")
        private JsonOption json;

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public void run() {
            json.check(List.of());
            PrintWriter output = spec.commandLine().getOut();
            PrintWriter people = json.people(output);
            List<ClaimSheet> sheets = ClaimSheets.all();
            for (ClaimSheet sheet : sheets) {
                people.printf("%s  %s%n", sheet.id(), sheet.claim());
                people.printf("     %s; %s%n", sheet.source(), sheet.known());
                sheet.reported().forEach(figure -> people.printf("     reported from memory: %s%n", figure));
                people.printf(
                        "     %s%n",
                        sheet.notTestable() == null
                                ? "checked at: " + sheet.scale()
                                : "not testable here: " + sheet.notTestable());
            }
            people.flush();
            json.write(output, sheets.stream().map(Listing::row).toList());
        }

        private static Map<String, Object> row(ClaimSheet sheet) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("id", sheet.id());
            row.put("claim", sheet.claim());
            row.put("source", sheet.source());
            row.put("known", sheet.known());
            row.put("reported", sheet.reported());
            row.put("scale", sheet.scale());
            row.put("testable", sheet.notTestable() == null);
            String reason = sheet.notTestable();
            if (reason != null) {
                row.put("reason", reason);
            }
            return row;
        }
    }

    /** {@code leakmark claims verify}. */
    @Command(
            name = "verify",
            description = {
                "Measure what claims need and judge them: SUPPORTED, REFUTED, INCONCLUSIVE or NOT_TESTABLE_HERE.",
                "Exit status: 1 if one is refuted, 3 with --strict if one is inconclusive, 5 if none could be checked."
            },
            mixinStandardHelpOptions = true,
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {
                "  leakmark claims verify --quick",
                "  leakmark claims verify D07 D20 --full --out claims",
                "  leakmark claims verify --from result.json --strict"
            })
    static final class Verify implements Callable<Integer> {
        @Parameters(paramLabel = "ID", description = "Claims such as D04. Default: all.")
        private List<String> ids = List.of();

        @Option(names = "--quick", description = "The smaller settings, minutes on two cores. The default.")
        private boolean quick;

        @Option(names = "--full", description = "The larger settings too.")
        private boolean full;

        @Option(
                names = "--from",
                paramLabel = "FILE",
                description = "Judge by a result file's measurements; measure nothing.")
        private @Nullable Path from;

        @Option(names = "--strict", description = "Exit 3 if a claim is inconclusive.")
        private boolean strict;

        @Option(
                names = "--out",
                paramLabel = "DIR",
                description = "Folder of result.json, report.html and report.md. Default: .leakmark/claims-TIME.")
        private @Nullable Path out;

        @Mixin
        @SuppressWarnings("NullAway.Init")
        private JsonOption json;

        @Spec
        @SuppressWarnings("NullAway.Init")
        private CommandSpec spec;

        @Override
        public Integer call() {
            if (quick && full) {
                throw new CommandFailure(ExitCode.USAGE, "--quick and --full contradict each other: give one");
            }
            Path file = from;
            if (file != null && Stream.of(out != null, full, quick).anyMatch(given -> given)) {
                throw new CommandFailure(
                        ExitCode.USAGE, "--from measures nothing: leave out --out, --quick and --full");
            }
            List<ClaimSheet> sheets = ClaimSheets.named(ids);
            json.check(file == null ? List.of() : List.of(file));
            PrintWriter output = spec.commandLine().getOut();
            PrintWriter people = json.people(output);
            List<Claim> claims = file == null ? measured(sheets, people) : judged(sheets, file);
            claims.forEach(claim -> print(claim, people));
            people.flush();
            json.write(output, claims);
            return code(claims).status();
        }

        private static List<Claim> judged(List<ClaimSheet> sheets, Path file) {
            ResultFile results = ResultFiles.read(file);
            return sheets.stream().map(sheet -> sheet.judge(results)).toList();
        }

        private List<Claim> measured(List<ClaimSheet> sheets, PrintWriter people) {
            Path folder = OutputFiles.folder(out, "claims");
            OutputFiles.checkFolder(folder);
            Recording recording = new Recording(
                    folder,
                    spec.commandLine().getParseResult().originalArgs(),
                    Map.of("plan", full ? "full" : "quick", "text", "built-in corpus"));
            Measurements measurements = new Measurements(recording, folder, people);
            measurements.claims(sheets, full);
            List<Claim> claims = recording.judge(sheets);
            recording.finish();
            people.println("report: " + folder.resolve(Recording.HTML));
            return claims;
        }

        private static void print(Claim claim, PrintWriter people) {
            people.printf("%-4s %-18s %s%n", claim.id(), claim.verdict(), claim.claim());
            people.printf("     %s%n", claim.measured());
            claim.reported().forEach(figure -> people.printf("     reported from memory, not judged: %s%n", figure));
        }

        private ExitCode code(List<Claim> claims) {
            if (claims.stream().anyMatch(claim -> claim.verdict() == Verdict.REFUTED)) {
                return ExitCode.REGRESSION;
            }
            if (claims.stream().allMatch(claim -> claim.verdict() == Verdict.NOT_TESTABLE_HERE)) {
                return ExitCode.UNFIT;
            }
            return strict && claims.stream().anyMatch(claim -> claim.verdict() == Verdict.INCONCLUSIVE)
                    ? ExitCode.INCONCLUSIVE
                    : ExitCode.FINE;
        }
    }
}
