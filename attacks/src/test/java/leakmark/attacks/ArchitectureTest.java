package leakmark.attacks;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.elements.GivenClassesConjunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may use what. Each rule is paired with a case it catches: a rule about nothing stays green. */
class ArchitectureTest {
    private static final String DJL = "ai.djl..";
    private static final String BOUNCY_CASTLE = "org.bouncycastle..";
    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("leakmark.attacks");
    private static final JavaClasses TESTS = new ClassFileImporter()
            .withImportOption(new ImportOption.OnlyIncludeTests())
            .importPackages("leakmark.attacks");

    @Test
    void djlHasTwoUsers() {
        String[] users = {"leakmark.attacks.djl", "leakmark.attacks.published"};
        using(DJL, noClasses().that().resideOutsideOfPackages(users)).check(MAIN);
        for (String user : users) {
            assertTrue(
                    using(DJL, noClasses().that().resideInAPackage(user))
                            .evaluate(MAIN)
                            .hasViolation(),
                    user + " does not use " + DJL + ": the rule forbids too little");
        }
    }

    @Test
    void bouncyCastleHasOneUser() {
        String user = "leakmark.attacks.encryption";
        using(BOUNCY_CASTLE, noClasses().that().resideOutsideOfPackage(user)).check(MAIN);
        assertTrue(using(BOUNCY_CASTLE, noClasses().that().resideInAPackage(user))
                .evaluate(MAIN)
                .hasViolation());
    }

    /** The threat model: what holds or scores the client's batch is out of an attack's sight. */
    @ParameterizedTest
    @ValueSource(strings = {"leakmark.attacks.client", "leakmark.attacks.metrics"})
    void theAttackerNeverSeesTheTruth(String truth) {
        ArchRule rule = using(
                truth,
                noClasses()
                        .that()
                        .resideInAnyPackage(
                                "leakmark.attacks",
                                "leakmark.attacks.dager..",
                                "leakmark.attacks.encoder..",
                                "leakmark.attacks.dlg..",
                                "leakmark.attacks.defences..",
                                "leakmark.attacks.encryption..",
                                "leakmark.attacks.optim..",
                                "leakmark.attacks.images..",
                                "leakmark.attacks.published..",
                                "leakmark.attacks.model..",
                                "leakmark.attacks.text..",
                                "leakmark.attacks.djl.."));
        rule.check(MAIN);
        // The tests of an attack live in its package and do know the truth.
        assertTrue(rule.evaluate(TESTS).hasViolation(), "nothing uses " + truth + ": the rule forbids nothing");
    }

    /** The attacker runs the model by an interface, so that another engine can stand behind it. */
    @Test
    void dagerRunsTheModelByAnInterface() {
        String engine = "leakmark.attacks.djl";
        ArchRule rule = using(engine, noClasses().that().resideInAPackage("leakmark.attacks.dager.."));
        rule.check(MAIN);
        assertTrue(rule.evaluate(TESTS).hasViolation(), "nothing uses " + engine + ": the rule forbids nothing");
    }

    private static ArchRule using(String packageName, GivenClassesConjunction classes) {
        return classes.should().dependOnClassesThat().resideInAPackage(packageName);
    }
}
