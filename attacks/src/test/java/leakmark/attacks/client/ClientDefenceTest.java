package leakmark.attacks.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import leakmark.attacks.AttackException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientDefenceTest {
    @Test
    void stepsOfBothKindsAreTold() {
        ClientDefence defence = ClientDefence.parse("gaussian:1e-4+batch:8+dropout:0.1+bf16");
        assertEquals(8, defence.number(Practice.BATCH, 1));
        assertEquals(24, defence.number(Practice.LENGTH, 24));
        assertEquals(0.1, defence.dropout());
        assertEquals("gaussian:1.0E-4+bf16", defence.protection().label());
        assertEquals(defence.label(), ClientDefence.parse(defence.label()).label());
        assertFalse(defence.isExact());
        assertTrue(ClientDefence.parse("none").isExact());
        assertTrue(ClientDefence.parse("batch:4").isExact());
        assertFalse(ClientDefence.parse("dropout:0.5").isExact());
    }

    /** What a study sweeps can be parsed. */
    @Test
    void sweepsAreSpecifications() {
        for (Practice practice : Practice.values()) {
            for (String specification : practice.textSweep()) {
                assertEquals(specification, ClientDefence.parse(specification).label());
            }
            for (String specification : practice.imageSweep()) {
                assertEquals(specification, ClientDefence.parse(specification).label());
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "dropout; takes one parameter",
                "dropout:1; takes one parameter",
                "dropout:often; is no number",
                "batch:0; takes one parameter",
                "batch:2.5; takes one parameter",
                "length:2; takes one parameter",
                "resolution:4; takes one parameter",
                "frozen-embeddings:1; takes no parameter",
                "batch:2+batch:3; is given twice",
                "+; no defence is called",
                "armour; no defence is called"
            })
    void wrongOnesAreOneLine(String specification, String part) {
        String message = String.valueOf(assertThrows(AttackException.class, () -> ClientDefence.parse(specification))
                .getMessage());
        assertTrue(message.contains(part) && message.lines().count() == 1, message);
    }
}
