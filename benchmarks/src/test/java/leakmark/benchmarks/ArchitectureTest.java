package leakmark.benchmarks;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The modules' one direction, seen from the one that sees them all: {@code kernels <- attacks <- benchmarks}, and reports
 * that know result files only. Each rule is paired with a package that does what it forbids elsewhere.
 */
class ArchitectureTest {
    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("leakmark");

    @ParameterizedTest
    @CsvSource({
        "leakmark.kernels.., leakmark.attacks.., leakmark.attacks.dager",
        "leakmark.kernels.., leakmark.reports.., leakmark.reports.html",
        "leakmark.kernels.., leakmark.benchmarks.., leakmark.benchmarks..",
        "leakmark.attacks.., leakmark.reports.., leakmark.reports.html",
        "leakmark.attacks.., leakmark.benchmarks.., leakmark.benchmarks..",
        "leakmark.reports.., leakmark.kernels.., leakmark.attacks.dager",
        "leakmark.reports.., leakmark.attacks.., leakmark.attacks.dager",
        "leakmark.reports.., leakmark.benchmarks.., leakmark.benchmarks..",
        "leakmark.benchmarks.., jdk.incubator.vector.., leakmark.kernels.vector",
        "leakmark.benchmarks.., org.bytedeco.., leakmark.kernels.dense",
        "leakmark.benchmarks.., ai.djl.., leakmark.attacks.djl"
    })
    void doesNotUse(String who, String what, String user) {
        using(who, what).check(MAIN);
        assertTrue(
                using(user, what).evaluate(MAIN).hasViolation(),
                user + " does not use " + what + ": the rule forbids nothing");
    }

    private static ArchRule using(String who, String what) {
        return noClasses()
                .that()
                .resideInAPackage(who)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(what);
    }
}
