package leakmark.reports.history;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The runs that the repository keeps. */
class CommittedHistoryTest {
    @Test
    void everyRunCanBeReadAndIsOfACommit() throws IOException {
        History history = History.read(Path.of("history"));
        assertFalse(history.entries().isEmpty());
        for (History.Entry entry : history.entries()) {
            assertTrue(entry.label().matches("[0-9a-f]{12}"), entry.label());
            assertFalse(entry.file().roofs().isEmpty(), entry.label());
        }
        assertFalse(history.timelines().isEmpty());
    }
}
