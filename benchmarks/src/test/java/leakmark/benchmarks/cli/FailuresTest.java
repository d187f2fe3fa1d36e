package leakmark.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import leakmark.attacks.AttackException;
import leakmark.kernels.cuda.CudaError;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class FailuresTest {
    @Test
    void theUsersOwnAreExit2() {
        assertEquals("2 leakmark: no gap", said(new AttackException("no gap")));
        assertEquals("2 leakmark: a b", said(new AttackException(" a \r\n  b\n")));
        assertEquals("2 leakmark: x.json: no such file or folder", said(new NoSuchFileException("x.json")));
        assertEquals(
                "2 leakmark: x.json: access denied",
                said(new UncheckedIOException(new AccessDeniedException("x.json"))));
        assertEquals("2 leakmark: No space left on device", said(new IOException("No space left on device")));
        assertEquals("4 leakmark: nothing", said(new CommandFailure(ExitCode.GATE_FAILED, "nothing")));
    }

    @Test
    void memoryComesWithAdvice() {
        String advice = "5 leakmark: not enough memory \\(the heap may grow to \\d+ MiB\\); .*-Xmx8g.*";
        assertTrue(said(new OutOfMemoryError("Java heap space")).matches(advice));
        assertTrue(said(new IllegalStateException(new OutOfMemoryError())).matches(advice));
        assertTrue(said(new IllegalStateException(
                        "DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"))
                .matches(advice));
    }

    @Test
    void theGpusAreExit5InItsOwnWords() {
        assertEquals("5 leakmark: CUDA_ERROR_OUT_OF_MEMORY: 9 MiB missing", said(new CudaError(2, "9 MiB missing")));
    }

    /** Never 1: that would be a regression. */
    @Test
    void theUnexpectedIsExit5() {
        assertEquals(
                "5 leakmark: unexpected java.lang.IllegalStateException: bug; run again with --stacktrace and report it",
                said(new IllegalStateException("bug")));
    }

    @Test
    void exitCodesAreTheDocumentedOnes() {
        assertEquals(0, ExitCode.FINE.status());
        assertEquals(1, ExitCode.REGRESSION.status());
        assertEquals(2, ExitCode.USAGE.status());
        assertEquals(3, ExitCode.INCONCLUSIVE.status());
        assertEquals(4, ExitCode.GATE_FAILED.status());
        assertEquals(5, ExitCode.UNFIT.status());
    }

    private static String said(Throwable failure) {
        StringWriter errors = new StringWriter();
        CommandLine command = new CommandLine(CommandSpec.create()).setErr(new PrintWriter(errors));
        int status = Failures.report(failure, command);
        String line = errors.toString();
        assertTrue(line.endsWith(System.lineSeparator()));
        return status + " "
                + line.substring(0, line.length() - System.lineSeparator().length());
    }
}
