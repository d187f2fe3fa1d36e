package leakmark.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The PTX in the jar is what its source says. With {@code -Dleakmark.ptx.update=true} it is written anew first. */
class PtxTest {
    private static final String REGENERATE =
            "; regenerate with mvn -q -pl kernels test -Dtest=PtxTest -Dleakmark.ptx.update=true and commit the PTX";

    /** Sources and the folder of their PTX. */
    record Set(String name, List<Path> sources, Path folder) {
        PtxManifest manifest() {
            return PtxCompiler.manifest(folder);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Set> sets() {
        return Stream.of(
                new Set("shipped", HostCompiler.shipped(), PtxCompiler.SHIPPED),
                new Set("of tests", StandIn.testKernels(), PtxCompiler.OF_TESTS));
    }

    @BeforeAll
    static void update() {
        if (Boolean.getBoolean("leakmark.ptx.update")) {
            sets().forEach(set -> PtxCompiler.update(set.sources(), set.folder()));
        }
    }

    @ParameterizedTest
    @MethodSource("sets")
    void everySourceHasItsPtx(Set set) {
        TreeSet<String> sources =
                set.sources().stream().map(PtxCompiler::module).collect(Collectors.toCollection(TreeSet::new));
        assertFalse(sources.isEmpty());
        assertEquals(sources, set.manifest().modules(), REGENERATE);
    }

    @ParameterizedTest
    @MethodSource("sets")
    void everyPtxIsOfItsSource(Set set) {
        for (Path source : set.sources()) {
            String module = PtxCompiler.module(source);
            assertEquals(
                    PtxCompiler.sourceHash(source),
                    set.manifest().value(module, "source"),
                    source + " has changed" + REGENERATE);
            assertEquals(String.join(" ", PtxCompiler.FLAGS), set.manifest().value(module, "flags"), module);
            set.manifest().ptx(module);
        }
    }

    @ParameterizedTest
    @MethodSource("sets")
    void everyKernelHasAnEntry(Set set) {
        for (Path source : set.sources()) {
            assertEquals(
                    new TreeSet<>(HostCompiler.kernels(PtxCompiler.readSource(source))),
                    new TreeSet<>(PtxSignature.read(set.manifest().ptx(PtxCompiler.module(source)))
                            .keySet()),
                    source.toString());
        }
    }

    @ParameterizedTest
    @MethodSource("sets")
    void nvccMakesTheSameBytes(Set set) {
        Assumptions.assumeTrue(PtxCompiler.available(), "SKIPPED: no nvcc to compile the PTX again");
        for (Path source : set.sources()) {
            String module = PtxCompiler.module(source);
            Assumptions.assumeTrue(
                    PtxCompiler.compiler().equals(set.manifest().value(module, "compiler")),
                    "SKIPPED: the PTX was made by nvcc " + set.manifest().value(module, "compiler"));
            assertEquals(set.manifest().ptx(module), PtxCompiler.compile(source), module);
        }
    }
}
