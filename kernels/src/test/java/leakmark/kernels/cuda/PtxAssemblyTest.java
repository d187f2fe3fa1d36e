package leakmark.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The shipped PTX assembles for every architecture it is meant for, within its register budgets and without spills. */
class PtxAssemblyTest {
    private static final Path BUDGETS = HostCompiler.root().resolve("kernels/src/main/cuda/registers.properties");

    static Stream<Integer> architectures() {
        return PtxAssembler.ARCHITECTURES.stream();
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void assemblesWithinItsBudgets(int architecture) throws IOException {
        Properties budgets = budgets();
        manifest().modules().parallelStream()
                .forEach(module -> check(
                        module, architecture, PtxAssembler.assemble(manifest().ptx(module), architecture), budgets));
    }

    private static void check(String module, int architecture, List<PtxAssembler.Usage> kernels, Properties budgets) {
        assertEquals(
                new TreeSet<>(PtxSignature.read(manifest().ptx(module)).keySet()),
                kernels.stream().map(PtxAssembler.Usage::kernel).collect(Collectors.toCollection(TreeSet::new)),
                "kernels the assembler speaks of in " + module);
        assertAll(kernels.stream().map(kernel -> () -> {
            String budget = budgets.getProperty(kernel.kernel());
            assertTrue(
                    budget != null && kernel.registers() <= Integer.parseInt(budget) && kernel.spills() == 0,
                    kernel + " on sm_" + architecture + ", budget " + budget + " registers (" + BUDGETS.getFileName()
                            + ")");
        }));
    }

    @Test
    void budgetsAreOfKernelsThatShip() throws IOException {
        TreeSet<String> kernels = new TreeSet<>();
        manifest()
                .modules()
                .forEach(module ->
                        kernels.addAll(PtxSignature.read(manifest().ptx(module)).keySet()));
        assertEquals(kernels, new TreeSet<>(budgets().stringPropertyNames()));
    }

    /** Blackwell is younger than JCuda's assembler; where nvcc 13 is, its assembler answers for it. */
    @Test
    void assemblesForBlackwellWithNvcc() throws IOException {
        Assumptions.assumeTrue(PtxCompiler.available(), "SKIPPED: no nvcc to assemble for sm_100 and sm_120");
        Properties budgets = budgets();
        manifest().modules().parallelStream().forEach(module -> {
            Path ptx = PtxCompiler.SHIPPED.resolve(module + ".ptx");
            for (int architecture : List.of(100, 120)) {
                HostCompiler.Outcome outcome = HostCompiler.run(
                        HostCompiler.root(),
                        List.of(
                                "ptxas",
                                "--verbose",
                                "--gpu-name=sm_" + architecture,
                                ptx.toString(),
                                "-o",
                                "/dev/null"));
                assertEquals(0, outcome.status(), outcome.output());
                check(module, architecture, PtxAssembler.usage(outcome.output()), budgets);
            }
        });
    }

    /** The check itself: an instruction that a V100 lacks, and one that nobody has. */
    @Test
    void refusesWhatAnArchitectureLacks() {
        String head = ".version 6.3\n.target sm_70\n.address_size 64\n.visible .entry k()\n{\n.reg .b32 %r<3>;\n";
        assertEquals(
                1,
                PtxAssembler.assemble(head + "mov.b32 %r1, 1;\nret;\n}\n", 70).size());
        assertThrows(
                IllegalArgumentException.class,
                () -> PtxAssembler.assemble(head + "mov.b32 %r1, 1;\nredux.sync.add.s32 %r2, %r1, -1;\nret;\n}\n", 70));
    }

    private static PtxManifest manifest() {
        return PtxCompiler.manifest(PtxCompiler.SHIPPED);
    }

    private static Properties budgets() throws IOException {
        Properties budgets = new Properties();
        try (Reader reader = Files.newBufferedReader(BUDGETS)) {
            budgets.load(reader);
        }
        return budgets;
    }
}
