package leakmark.benchmarks.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class NcuReportTest {
    /** The shape of {@code ncu --csv --metrics …}: messages, then a table with a line per launch and metric. */
    private static final String OUTPUT = """
            ==PROF== Connected to process 4711 (/opt/java/bin/java)
            vocabulary-sweep: 6.2e+08 FLOP in float32, 1.54e+08 bytes (declared)
            ==PROF== Disconnected from process 4711
            "ID","Process ID","Process Name","Host Name","Kernel Name","Context","Stream","Block Size","Grid Size","Device","CC","Section Name","Metric Name","Metric Unit","Metric Value"
            "0","4711","java","127.0.0.1","vocabulary_sweep(const float *, ""quoted"", int)","1","13","(256, 1, 1)","(1571, 1, 1)","0","9.0","Command line profiler metrics","dram__bytes.sum","Mbyte","154.40"
            "0","4711","java","127.0.0.1","vocabulary_sweep(const float *, ""quoted"", int)","1","13","(256, 1, 1)","(1571, 1, 1)","0","9.0","Command line profiler metrics","launch__registers_per_thread","register/thread","1,024"
            "1","4711","java","127.0.0.1","compact","1","13","(256, 1, 1)","(1, 1, 1)","0","9.0","Command line profiler metrics","dram__bytes.sum","Kbyte","4.10"
            """;

    @Test
    void readsLaunchesWithTheirMetrics() {
        NcuReport report = NcuReport.parse(OUTPUT);
        assertEquals(2, report.launches().size());
        NcuReport.Launch sweep = report.launches().get(0);
        assertEquals("vocabulary_sweep(const float *, \"quoted\", int)", sweep.kernel());
        assertEquals("154.40 Mbyte", sweep.metrics().get("dram__bytes.sum"));
        assertEquals("1024 register/thread", sweep.metrics().get("launch__registers_per_thread"));
        assertEquals("compact", report.launches().get(1).kernel());
    }

    @Test
    void saysWhyThereIsNoTable() {
        String refused = "==PROF== Connected\n==ERROR== ERR_NVGPUCTRPERM - The user does not have permission\n";
        String message = String.valueOf(assertThrows(IllegalArgumentException.class, () -> NcuReport.parse(refused))
                .getMessage());
        assertTrue(message.startsWith("ncu: ERR_NVGPUCTRPERM"), message);
        assertThrows(IllegalArgumentException.class, () -> NcuReport.parse(""));
        assertThrows(IllegalArgumentException.class, () -> NcuReport.parse("\"ID\",\"Other\"\n\"0\",\"1\"\n"));
    }
}
