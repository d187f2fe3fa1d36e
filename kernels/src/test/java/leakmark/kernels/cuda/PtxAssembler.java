package leakmark.kernels.cuda;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompileResult;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;

/** Assembles PTX for an architecture, with no GPU, driver or toolkit: the assembler of CUDA 12.6 lies in JCuda's natives. */
final class PtxAssembler {
    /** What CUDA 12.6 knows of V100 to H200. Blackwell (100, 120) came with 12.8. */
    static final List<Integer> ARCHITECTURES = List.of(70, 75, 80, 86, 89, 90);

    private static final Pattern KERNEL = Pattern.compile(
            "Function properties for (\\w+)\\s+(?:ptxas\\s+\\.\\s+)?(\\d+) bytes stack frame, (\\d+) bytes spill stores, (\\d+) bytes spill loads"
                    + "\\s+ptxas info\\s*: Used (\\d+) registers(?:[^\\n]*?(\\d+) bytes smem)?");

    private PtxAssembler() {}

    /**
     * What a kernel takes once it is assembled.
     *
     * @param kernel its name
     * @param registers of a thread
     * @param stack bytes of a thread's stack frame
     * @param spills bytes of registers stored to and loaded from memory
     * @param staticShared bytes of a block
     */
    record Usage(String kernel, int registers, int stack, int spills, int staticShared) {}

    /**
     * Assembles a PTX text.
     *
     * @throws IllegalArgumentException if the assembler refuses it, with its words
     */
    static List<Usage> assemble(String ptx, int architecture) {
        Natives.place("JNvPTXCompiler");
        JNvPTXCompiler.setExceptionsEnabled(false);
        byte[] text = ptx.getBytes(StandardCharsets.US_ASCII);
        nvPTXCompilerHandle compiler = new nvPTXCompilerHandle();
        JNvPTXCompiler.nvPTXCompilerCreate(compiler, text.length + 1L, Arrays.copyOf(text, text.length + 1));
        try {
            String[] options = {"--gpu-name=sm_" + architecture, "--verbose"};
            int result = JNvPTXCompiler.nvPTXCompilerCompile(compiler, options.length, options);
            if (result != nvPTXCompileResult.NVPTXCOMPILE_SUCCESS) {
                throw new IllegalArgumentException(
                        nvPTXCompileResult.stringFor(result) + " for sm_" + architecture + ": " + errors(compiler));
            }
            return usage(information(compiler));
        } finally {
            JNvPTXCompiler.nvPTXCompilerDestroy(compiler);
        }
    }

    /** Reads the words of {@code ptxas --verbose}. */
    static List<Usage> usage(String log) {
        List<Usage> all = new ArrayList<>();
        Matcher kernel = KERNEL.matcher(log);
        while (kernel.find()) {
            String shared = kernel.group(6);
            all.add(new Usage(
                    kernel.group(1),
                    Integer.parseInt(kernel.group(5)),
                    Integer.parseInt(kernel.group(2)),
                    Integer.parseInt(kernel.group(3)) + Integer.parseInt(kernel.group(4)),
                    shared == null ? 0 : Integer.parseInt(shared)));
        }
        return all;
    }

    private static String information(nvPTXCompilerHandle compiler) {
        long[] size = new long[1];
        JNvPTXCompiler.nvPTXCompilerGetInfoLogSize(compiler, size);
        byte[] log = new byte[Math.toIntExact(size[0]) + 1];
        JNvPTXCompiler.nvPTXCompilerGetInfoLog(compiler, log);
        return text(log, size[0]);
    }

    private static String errors(nvPTXCompilerHandle compiler) {
        long[] size = new long[1];
        JNvPTXCompiler.nvPTXCompilerGetErrorLogSize(compiler, size);
        byte[] log = new byte[Math.toIntExact(size[0]) + 1];
        JNvPTXCompiler.nvPTXCompilerGetErrorLog(compiler, log);
        return text(log, size[0]);
    }

    private static String text(byte[] log, long size) {
        return new String(log, 0, Math.toIntExact(size), StandardCharsets.US_ASCII);
    }
}
