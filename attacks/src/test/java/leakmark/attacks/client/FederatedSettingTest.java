package leakmark.attacks.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import leakmark.attacks.AttackException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FederatedSettingTest {
    @Test
    void everySweptSettingReads() {
        for (FederatedSetting.Kind kind : FederatedSetting.Kind.values()) {
            for (String specification : kind.sweep()) {
                assertEquals(kind, FederatedSetting.parse(specification).kind());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "sum:4+bf16, bf16",
        "fedsgd+gaussian:1e-4, gaussian:1.0E-4",
        "gossip:0-1/1-2:3:2+fp16, fp16",
        "layers:1, none"
    })
    void defencesStandBehind(String specification, String protection) {
        assertEquals(
                protection, FederatedSetting.parse(specification).protection().label());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '"',
            value = {
                "peer; no setting is called 'peer'",
                "fedavg:10:4; takes epochs:sentences of a step:learning rate",
                "fedavg:10:4:0; a positive learning rate",
                "fedavg:10:4:fast; 'fast' is no number",
                "fedsgd:1; takes no parameter",
                "sum:1; a number is from 2 to 64, not 1",
                "secure-aggregation:4:3:2; 2 shares are below the threshold of 3",
                "gossip:0-1/2-3:4:2; is not connected",
                "encrypted-sum:32:16; use fewer bits or clients",
                "encrypted-sum:4:17; a number is from 2 to 16, not 17",
                "lora:64:one; only 'zero' may stand",
                "layers:0; a number is from 1 to 1000, not 0",
                "rounds:4+dp-sgd:1:1; dp-sgd here is for one step",
                "sum:4+gaussian:2; is above 0.0 and below 1.0",
            })
    void wrongOnesAreOneLine(String specification, String part) {
        String message = String.valueOf(assertThrows(AttackException.class, () -> FederatedSetting.parse(specification))
                .getMessage());
        assertTrue(message.contains(part), message);
        assertEquals(1, message.lines().count(), message);
    }
}
