package leakmark.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import leakmark.reports.result.ResultFile;
import leakmark.reports.result.ResultFiles;
import leakmark.reports.result.SideComparison;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole commands in processes of their own, with a Maven that packs what is compiled already. */
class EndToEndTest {
    private static final String CLASS_PATH =
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                CLASS_PATH,
                Main.class.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().put("PATH", folder.resolve("tools") + File.pathSeparator + System.getenv("PATH"));
        return builder.redirectOutput(folder.resolve("out.txt").toFile())
                .redirectError(folder.resolve("err.txt").toFile())
                .start();
    }

    private Outcome finish(Process process) throws IOException, InterruptedException {
        assertTrue(process.waitFor(120, TimeUnit.SECONDS), "the command hangs");
        String errors = Files.readString(folder.resolve("err.txt"))
                .lines()
                .filter(line -> !line.startsWith("WARNING: Using incubator modules"))
                .reduce("", (a, b) -> a + b + "\n");
        return new Outcome(process.exitValue(), Files.readString(folder.resolve("out.txt")), errors);
    }

    private Outcome run(String... arguments) throws IOException, InterruptedException {
        return finish(start(arguments));
    }

    private void git(String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", folder.toString()));
        command.addAll(List.of(arguments));
        assertEquals(0, new ProcessBuilder(command).start().waitFor(), command.toString());
    }

    /** Three commits: two with the same code, and one that does not compile. */
    private void checkout() throws Exception {
        Path jar = folder.resolve("prepared.jar");
        Jars.ofThisBuild(jar, "1");
        Path maven = Files.createDirectories(folder.resolve("tools")).resolve("mvn");
        Files.writeString(maven, """
                #!/bin/sh
                while [ "$1" != -f ]; do shift; done
                tree=$(dirname "$2")
                case "$(cat "$2")" in broken) echo '[ERROR] A.java:[3,1] not a statement'; exit 1 ;; esac
                mkdir -p "$tree/benchmarks/target/lib"
                cp '%s' "$tree/benchmarks/target/leakmark.jar"
                """.formatted(jar));
        Files.setPosixFilePermissions(maven, PosixFilePermissions.fromString("rwxr-xr-x"));
        git("init", "-q");
        for (String content : List.of("one", "two", "broken")) {
            Files.writeString(folder.resolve("pom.xml"), content);
            git("add", "pom.xml");
            git("commit", "-q", "-m", content);
        }
    }

    /** {@code ab HEAD~1 HEAD}, where only a comment has changed. */
    @Test
    void twoRevisionsAreBuiltAndCompared() throws Exception {
        checkout();
        Outcome equal = run("ab", "HEAD~2", "HEAD~1", "--out", "ab");
        assertEquals(0, equal.status(), equal.errors());
        assertTrue(equal.output().contains("both sides run the same code"), equal.output());
        SideComparison comparison =
                ResultFiles.read(folder.resolve("ab/result.json")).comparisons().get(0);
        assertEquals("HEAD~2", comparison.base().name());
        assertFalse(String.valueOf(comparison.base().revision())
                .equals(String.valueOf(comparison.head().revision())));

        Outcome broken = run("ab", "HEAD~1", "HEAD", "--out", "broken");
        assertEquals(5, broken.status());
        assertTrue(
                broken.errors()
                        .matches("(?s).*leakmark: HEAD does not build, see [^\n]*: A.java:\\[3,1] not a statement\n"),
                broken.errors());
        assertFalse(Files.exists(folder.resolve("broken")), "half written");
        assertEquals(2, run("ab", "HEAD~9", "HEAD~1").status());
        Outcome nothing = run("ab", "HEAD~2", "HEAD~1", "--benchmark", "NoSuch");
        assertEquals(5, nothing.status());
        assertTrue(nothing.errors().matches("leakmark: no benchmark [^\n]*\n"), nothing.errors());
    }

    /** Too brief to be trusted; whether it holds is the exit status, and the report says which. */
    @Test
    void theSelfTestEndsInAVerdictAndAReport() throws Exception {
        Outcome outcome = run("selftest", "--brief", "--rounds", "6", "--repetitions", "1", "--out", "test");
        assertTrue(outcome.status() == 0 || outcome.status() == 5, outcome.errors());
        assertEquals(outcome.status() == 0, outcome.output().contains("\nholds: verdicts can be trusted"));
        assertTrue(
                outcome.output().startsWith("1 repetitions of 6 rounds, tolerance ±3.0 %\nsame code "),
                outcome.output());
        ResultFile file = ResultFiles.read(folder.resolve("test/result.json"));
        assertEquals(3, file.comparisons().get(0).cells().size());
        assertEquals(6, file.comparisons().get(0).cells().get(2).head().size());
        assertTrue(Files.readString(folder.resolve("test/report.html")).contains(">Self-test</h2>"));
    }

    /** Ctrl-C: the children end, what is there becomes a report, and no file is half written. */
    @Test
    void anInterruptLeavesAReport() throws Exception {
        Process process = start("selftest", "--rounds", "6", "--repetitions", "9", "--out", "test");
        while (process.isAlive() && process.descendants().count() < 2) {
            Thread.sleep(20);
        }
        List<ProcessHandle> children = process.descendants().toList();
        process.destroy();
        Outcome outcome = finish(process);
        assertEquals(143, outcome.status(), outcome.errors());
        assertFalse(outcome.errors().contains("unexpected"), outcome.errors());
        for (ProcessHandle child : children) {
            child.onExit().get(10, TimeUnit.SECONDS);
        }
        assertTrue(Files.readString(folder.resolve("test/report.html")).contains("</html>"));
        try (Stream<Path> files = Files.list(folder.resolve("test"))) {
            assertTrue(files.noneMatch(file -> file.toString().endsWith(".tmp")));
        }
    }

    /** Measured quickly, judged, and the report rendered again from the newest file. */
    @Test
    void claimsAreVerifiedAndReported() throws Exception {
        Outcome nothing = run("report");
        assertEquals(5, nothing.status());
        assertTrue(nothing.errors().startsWith("leakmark: nothing was measured here yet"), nothing.errors());
        Outcome claims = run("claims", "verify", "--quick", "D01", "D06", "--out", ".leakmark/claims");
        assertEquals(0, claims.status(), claims.errors());
        assertTrue(claims.output().contains("D01  SUPPORTED") && claims.output().contains("D06  NOT_TESTABLE_HERE"));
        Outcome report = run("report", "--out", "again");
        assertEquals(0, report.status(), report.errors());
        assertEquals(
                Files.readString(folder.resolve(".leakmark/claims/report.html"), StandardCharsets.UTF_8),
                Files.readString(folder.resolve("again/report.html"), StandardCharsets.UTF_8));
    }
}
