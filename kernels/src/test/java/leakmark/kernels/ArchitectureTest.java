package leakmark.kernels;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each foreign API in exactly one package. Paired with a look at its one user: a rule about nothing stays green. */
class ArchitectureTest {
    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("leakmark.kernels");

    @ParameterizedTest
    @CsvSource({
        "jdk.incubator.vector.., leakmark.kernels.vector..",
        "org.bytedeco.., leakmark.kernels.dense",
        "jcuda.., leakmark.kernels.cuda"
    })
    void aForeignApiHasOneUser(String api, String user) {
        noClasses()
                .that()
                .resideOutsideOfPackage(user)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(api)
                .check(MAIN);
        assertTrue(
                noClasses()
                        .that()
                        .resideInAPackage(user)
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage(api)
                        .evaluate(MAIN)
                        .hasViolation(),
                user + " does not use " + api + ": the rule forbids nothing");
    }
}
