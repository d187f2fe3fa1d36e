package leakmark.benchmarks.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import leakmark.benchmarks.cli.CommandFailure;
import leakmark.benchmarks.cli.ExitCode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.runner.BenchmarkList;

/** Revisions of a throw-away repository, built by a stand-in for Maven. */
class RevisionsTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private Path repository = Path.of("");
    private Path calls = Path.of("");

    @BeforeEach
    void twoCommits() throws Exception {
        repository = Files.createDirectory(folder.resolve("repository"));
        calls = folder.resolve("calls");
        git("init", "-q");
        for (String content : List.of("one", "two", "broken")) {
            Files.writeString(repository.resolve("pom.xml"), content);
            git("add", "pom.xml");
            git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", content);
        }
    }

    private void git(String... arguments) throws Exception {
        List<String> command = Stream.concat(Stream.of("git", "-C", repository.toString()), Stream.of(arguments))
                .toList();
        assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor(), command.toString());
    }

    private Path script(String name, String body) throws IOException {
        Path script = folder.resolve(name);
        Files.writeString(script, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return script;
    }

    /** Packs the pom's content into the jar; "broken" does not compile; the first offline try lacks an artifact. */
    private Revisions revisions() throws IOException {
        Path jar = folder.resolve("prepared.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            out.putNextEntry(new JarEntry(BenchmarkList.BENCHMARK_LIST.substring(1)));
            ByteArrayOutputStream list = new ByteArrayOutputStream();
            BenchmarkList.writeBenchmarkList(list, List.of());
            out.write(list.toByteArray());
        }
        Path maven = script("mvn", """
                echo "$*" >>'%s'
                while [ "$1" != -f ]; do shift; done
                tree=$(dirname "$2")
                case "$(cat "$2")" in
                    broken) echo '[ERROR] A.java:[3,1] not a statement'; exit 1 ;;
                    two) case "$(tail -n 1 '%s')" in *' -o '*) echo 'in offline mode'; exit 1 ;; esac ;;
                esac
                mkdir -p "$tree/benchmarks/target/lib"
                cp '%s' "$tree/benchmarks/target/leakmark.jar"
                echo x >"$tree/benchmarks/target/lib/library.jar"
                """.formatted(calls, calls, jar));
        Path git = script("git-there", "exec git -C '" + repository + "' \"$@\"");
        return new Revisions(folder.resolve("builds"), git.toString(), maven.toString());
    }

    @Test
    void aRevisionIsBuiltOnce() throws Exception {
        Revisions revisions = revisions();
        Program program = revisions.open("HEAD~2");
        assertTrue(Files.exists(program.jar().resolveSibling("lib/library.jar")));
        assertEquals("HEAD~2", program.side().name());
        assertTrue(String.valueOf(program.side().revision()).matches("[0-9a-f]{40}"));
        assertEquals(program, revisions.open("HEAD~2"));
        assertEquals(1, Files.readAllLines(calls).size());
        noTreeIsLeft();
    }

    @Test
    void aMissingArtifactIsFetched() throws Exception {
        revisions().open("HEAD~1");
        List<String> lines = Files.readAllLines(calls);
        assertEquals(2, lines.size());
        assertTrue(lines.get(0).contains(" -o ") && !lines.get(1).contains(" -o "), lines.toString());
        noTreeIsLeft();
    }

    @Test
    void whatDoesNotBuildIsSaidInOneLine() throws Exception {
        Revisions revisions = revisions();
        CommandFailure broken = assertThrows(CommandFailure.class, () -> revisions.open("HEAD"));
        assertEquals(ExitCode.UNFIT, broken.code());
        String message = String.valueOf(broken.getMessage());
        assertTrue(message.matches("HEAD does not build, see .*\\.log: A.java:\\[3,1] not a statement"), message);
        noTreeIsLeft();
        assertEquals(1, Files.readAllLines(calls).size());

        CommandFailure unknown = assertThrows(CommandFailure.class, () -> revisions.open("--upload-pack=x"));
        assertEquals(ExitCode.USAGE, unknown.code());
        Files.write(folder.resolve("text.jar"), "no jar".getBytes(StandardCharsets.UTF_8));
        assertThrows(
                CommandFailure.class,
                () -> revisions.open(folder.resolve("text.jar").toString()));
    }

    private void noTreeIsLeft() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("builds"))) {
            assertFalse(
                    files.anyMatch(path -> String.valueOf(path.getFileName()).startsWith("tree-")));
        }
    }
}
