package leakmark.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher in a checkout of its own, with a Maven and JDKs that only write down how they were called. */
class LauncherTest {
    private static final List<String> TOOLS =
            List.of("sh", "dirname", "readlink", "find", "sed", "mkdir", "ln", "rm", "mv", "sleep", "cat", "touch");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private Path checkout;

    private final Map<String, String> environment = new LinkedHashMap<>();

    @BeforeEach
    void checkout() throws IOException {
        checkout = Files.createDirectories(folder.resolve("a check out"));
        Path module = Files.createDirectories(checkout.resolve("benchmarks/src/main/java"));
        Files.createDirectories(checkout.resolve("benchmarks/src/test/java"));
        Files.writeString(module.resolve("A.java"), "class A {}");
        Files.writeString(checkout.resolve("benchmarks/pom.xml"), "<project/>");
        Files.copy(repository().resolve("pom.xml"), checkout.resolve("pom.xml"));
        // No JDK of this machine's may be found, only those a test makes.
        String launcher = Files.readString(repository().resolve("leakmark"))
                .replace("/usr/lib/jvm/", folder + "/jvm/")
                .replaceAll("(?<=\\s)(/usr/java/|/opt/|/Library/Java/)", "/nowhere$1");
        script(checkout.resolve("leakmark"), launcher);
        Path tools = Files.createDirectories(folder.resolve("tools"));
        for (String tool : TOOLS) {
            script(tools.resolve(tool), "#!/bin/sh\nexec " + which(tool) + " \"$@\"\n");
        }
        environment.put("PATH", tools.toString());
        environment.put("HOME", folder.resolve("home").toString());
    }

    /** Maven's working directory is the module's. */
    private static Path repository() {
        Path here = Path.of("").toAbsolutePath();
        while (!Files.isRegularFile(here.resolve("leakmark"))) {
            here = Objects.requireNonNull(here.getParent(), "no launcher above the working directory");
        }
        return here;
    }

    private static Path which(String tool) {
        for (String place : List.of("/bin", "/usr/bin")) {
            if (Files.isExecutable(Path.of(place, tool))) {
                return Path.of(place, tool);
            }
        }
        throw new IllegalStateException("this machine has no " + tool);
    }

    private static void script(Path file, String text) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, text);
        assertTrue(file.toFile().setExecutable(true));
    }

    private Path jdk(String name, String version) throws IOException {
        Path home = folder.resolve("jvm").resolve(name);
        script(home.resolve("bin/javac"), "#!/bin/sh\necho javac " + version + "\n");
        script(
                home.resolve("bin/java"),
                "#!/bin/sh\necho " + name + "\nfor a in \"$@\"; do echo \"$a\"; done\nexit 4\n");
        return home;
    }

    /** Every build adds a line with its arguments to {@code builds}, and makes the jar. */
    private void maven(String more) throws IOException {
        script(
                folder.resolve("tools/mvn"),
                "#!/bin/sh\necho \"$JAVA_HOME $*\" >>'" + folder + "/builds'\n" + more + "\n[ -f '" + jar()
                        + "' ] || echo jar >'" + jar() + "'\n");
    }

    private Path jar() {
        return checkout.resolve("benchmarks/target/leakmark.jar");
    }

    private List<String> builds() throws IOException {
        Path file = folder.resolve("builds");
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    private Outcome launch(Path directory, String command, String... arguments)
            throws IOException, InterruptedException {
        return finish(start(directory, command, arguments));
    }

    private Process start(Path directory, String command, String... arguments) throws IOException {
        List<String> words = new ArrayList<>(List.of(command));
        words.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(words).directory(directory.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static Outcome finish(Process process) throws IOException, InterruptedException {
        assertTrue(process.waitFor(20, TimeUnit.SECONDS), "the launcher hangs");
        return new Outcome(
                process.exitValue(),
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8),
                new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
    }

    @Test
    void withoutAJdkItSaysWhatToInstall() throws Exception {
        jdk("java-11", "11.0.2");
        maven("");
        assertEquals(
                new Outcome(
                        5,
                        "",
                        "leakmark: no JDK 17 or newer found; install one (Debian: apt install openjdk-17-jdk) or set JAVA_HOME\n"),
                launch(checkout, "./leakmark", "list"));
    }

    @Test
    void withoutMavenItSaysWhatToInstall() throws Exception {
        jdk("java-17", "17.0.1");
        assertEquals(
                new Outcome(
                        5, "", "leakmark: no Maven found; install version 3.8 or newer (Debian: apt install maven)\n"),
                launch(checkout, "./leakmark", "list"));
    }

    @Test
    void aBuiltJarNeedsNoMaven() throws Exception {
        jdk("java-17", "17.0.1");
        Files.createDirectories(jar().getParent());
        Files.writeString(jar(), "jar");
        Outcome outcome = launch(checkout, "./leakmark");
        assertEquals(4, outcome.status(), outcome.errors());
        assertEquals("", outcome.errors());
    }

    @Test
    void aFailedBuildIsExit5AndTriedAgain() throws Exception {
        jdk("java-17", "17.0.1");
        maven("exit 1");
        for (int round = 1; round <= 2; round++) {
            Outcome outcome = launch(checkout, "./leakmark");
            assertEquals(5, outcome.status());
            assertEquals("leakmark: building ...\nleakmark: the build failed, see above\n", outcome.errors());
            assertEquals(round, builds().size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"17.0.1", "25"})
    void argumentsArriveAsTheyAreAndTheFlagsArePoms(String version) throws Exception {
        jdk("java-11", "11.0.2");
        Path home = jdk("java", version);
        maven("");
        Path link = Files.createSymbolicLink(folder.resolve("lm"), Path.of("a check out/leakmark"));
        Path elsewhere = Files.createDirectories(folder.resolve("else where"));
        Outcome outcome = launch(elsewhere, link.toString(), "report", "two words", "*", "");
        assertEquals(4, outcome.status(), outcome.errors());
        assertEquals("leakmark: building ...\n", outcome.errors());
        List<String> words = new ArrayList<>(List.of(
                "java",
                "--add-modules=jdk.incubator.vector",
                "-Dai.djl.offline=true",
                "-DOPT_OUT_TRACKING=true",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"));
        words.addAll(List.of("-Xmx4g", "-Dleakmark.terminal.stdout=false", "-Dleakmark.terminal.stderr=false"));
        if (version.equals("25")) {
            words.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        }
        words.addAll(List.of("-jar", jar().toString(), "report", "two words", "*", ""));
        assertEquals(words, outcome.output().lines().toList());
        assertEquals(
                List.of(home + " -q -B -Dstyle.color=never -DskipTests -P !strict -f " + checkout + "/pom.xml package"),
                builds());
    }

    @Test
    void theNewestJdkIsTakenUnlessJavaHomeNamesOne() throws Exception {
        maven("");
        Path old = jdk("java-17", "17.0.1");
        jdk("java-21", "21.0.4");
        jdk("java-9", "9.0.4");
        assertEquals(
                "java-21",
                launch(checkout, "./leakmark").output().lines().findFirst().orElse(""));
        environment.put("JAVA_HOME", old.toString());
        assertEquals(
                "java-17",
                launch(checkout, "./leakmark").output().lines().findFirst().orElse(""));
        environment.put("JAVA_HOME", folder.resolve("home").toString());
        Outcome outcome = launch(checkout, "./leakmark");
        assertEquals("java-21", outcome.output().lines().findFirst().orElse(""));
        assertTrue(outcome.errors().contains("is no JDK 17 or newer, looking elsewhere"), outcome.errors());
    }

    @Test
    void aJdkOnThePathIsFoundThroughLinks() throws Exception {
        maven("");
        Path home = jdk("hidden", "21.0.4");
        Path moved = Files.move(home, folder.resolve("my jdk"));
        Files.createSymbolicLink(folder.resolve("tools/javac"), moved.resolve("bin/javac"));
        assertEquals(
                "hidden",
                launch(checkout, "./leakmark").output().lines().findFirst().orElse(""));
    }

    @Test
    void theHeapIsTheUsersIfGiven() throws Exception {
        jdk("java-17", "17.0.1");
        maven("");
        environment.put("LEAKMARK_JAVA_OPTS", "-Xmx8g -Dx=y");
        List<String> words = launch(checkout, "./leakmark").output().lines().toList();
        assertTrue(words.contains("-Xmx8g") && words.contains("-Dx=y"), words.toString());
        assertFalse(words.contains("-Xmx4g"), words.toString());
    }

    @Test
    void itBuildsAgainWhenASourceIsNewerOnly() throws Exception {
        jdk("java-17", "17.0.1");
        // As the real one does: a jar that is there stays as it is.
        maven("");
        launch(checkout, "./leakmark");
        launch(checkout, "./leakmark");
        assertEquals(1, builds().size());
        touch("benchmarks/src/test/java/ATest.java");
        launch(checkout, "./leakmark");
        assertEquals(1, builds().size());
        int expected = 1;
        for (String source : List.of(
                "pom.xml",
                "benchmarks/pom.xml",
                "benchmarks/src/main/java/A.java",
                "benchmarks/src/main/resources/a.txt")) {
            touch(source);
            launch(checkout, "./leakmark");
            launch(checkout, "./leakmark");
            assertEquals(++expected, builds().size(), source);
            // What was changed for this step is older than the next one's build.
            Files.setLastModifiedTime(checkout.resolve(source), FileTime.from(Instant.EPOCH));
        }
    }

    private void touch(String source) throws IOException {
        Path file = checkout.resolve(source);
        Files.createDirectories(file.getParent());
        if (!Files.exists(file)) {
            Files.writeString(file, "x");
        }
        FileTime soon = FileTime.from(Instant.now().plus(Duration.ofMillis(20)));
        Files.setLastModifiedTime(file, soon);
        // The next build must start after it.
        while (Instant.now().isBefore(soon.toInstant().plusMillis(20))) {
            Thread.onSpinWait();
        }
    }

    @Test
    void twoAtOnceBuildOnce() throws Exception {
        jdk("java-17", "17.0.1");
        maven("sleep 1");
        Process first = start(checkout, "./leakmark");
        Process second = start(checkout, "./leakmark");
        Outcome one = finish(first);
        Outcome two = finish(second);
        assertEquals(4, one.status(), one.errors());
        assertEquals(4, two.status(), two.errors());
        assertEquals(1, builds().size());
        assertTrue(
                (one.errors() + two.errors()).contains("waiting for the build of process"),
                one.errors() + two.errors());
        assertTrue(Files.notExists(checkout.resolve(".leakmark/build.lock"), LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void aLockOfADeadProcessIsNoObstacle() throws Exception {
        jdk("java-17", "17.0.1");
        maven("");
        Process dead = new ProcessBuilder("true").start();
        dead.waitFor();
        Files.createDirectories(checkout.resolve(".leakmark"));
        Files.createSymbolicLink(checkout.resolve(".leakmark/build.lock"), Path.of(Long.toString(dead.pid())));
        Outcome outcome = launch(checkout, "./leakmark");
        assertEquals(4, outcome.status(), outcome.errors());
        assertEquals(1, builds().size());
    }

    @Test
    void anInterruptedBuildIsBuiltAgain() throws Exception {
        jdk("java-17", "17.0.1");
        maven("echo half >'" + jar() + "'; touch '" + folder + "/started'; sleep 2; exit 1");
        Process process = start(checkout, "./leakmark");
        while (process.isAlive() && Files.notExists(folder.resolve("started"))) {
            Thread.onSpinWait();
        }
        process.toHandle().destroy();
        assertEquals(143, finish(process).status());
        maven("");
        assertEquals(4, launch(checkout, "./leakmark").status());
        assertEquals(2, builds().size());
    }
}
