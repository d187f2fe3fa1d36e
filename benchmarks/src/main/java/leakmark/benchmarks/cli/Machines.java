package leakmark.benchmarks.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.LongStream;
import leakmark.attacks.djl.TorchEngine;
import leakmark.kernels.cuda.CudaDevice;
import leakmark.kernels.vector.VectorKernels;
import leakmark.reports.result.Machine;
import oshi.SystemInfo;
import oshi.hardware.CentralProcessor;
import oshi.hardware.GlobalMemory;
import oshi.software.os.CgroupInfo;
import oshi.software.os.OperatingSystem;

/** The machine this runs on, as a result file keeps it. */
public final class Machines {
    private static final double GIB = 1L << 30;
    private static final String UNKNOWN = "unknown";
    private static final String CPU_STATISTICS = "/sys/fs/cgroup/cpu.stat";

    private Machines() {}

    /** Processor, memory, software and load; takes about a second. */
    public static Machine here() {
        SystemInfo info = new SystemInfo();
        CentralProcessor processor = info.getHardware().getProcessor();
        GlobalMemory memory = info.getHardware().getMemory();
        OperatingSystem system = info.getOperatingSystem();

        Map<String, String> stable = new LinkedHashMap<>();
        stable.put("processor", processor.getProcessorIdentifier().getName().strip());
        stable.put("architecture", System.getProperty("os.arch"));
        stable.put("cores", cores(processor));
        // Without the cores, of which a container may give fewer tomorrow.
        stable.put("vectors", new VectorKernels().availability().reason().replaceAll(", \\d+ cores?$", ""));
        stable.put("memory", gib(memory.getTotal()));
        stable.put("accelerator", accelerator());

        Map<String, String> software = new LinkedHashMap<>();
        software.put("os", system.toString());
        software.put(
                "jdk",
                System.getProperty("java.vm.vendor") + " " + Runtime.version() + ", "
                        + System.getProperty("java.vm.name"));
        String reason = TorchEngine.unavailableBecause();
        software.put("pytorch", reason == null ? TorchEngine.version() : "not available: " + reason);

        Map<String, String> state = new LinkedHashMap<>();
        state.put("container", container(system.getCgroupInfo()));
        state.put("availableProcessors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        state.put("governor", firstLine("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"));
        state.put("clock", clock(processor.getCurrentFreq()));
        state.put("throttledPeriods", throttled(firstLine(CPU_STATISTICS, "nr_throttled ")));
        state.put("availableMemory", gib(memory.getAvailable()));
        state.put("heapLimit", gib(Runtime.getRuntime().maxMemory()));
        double load = processor.getSystemLoadAverage(1)[0];
        state.put("loadAverage", load < 0 ? UNKNOWN : String.format(Locale.ROOT, "%.2f", load));
        return new Machine(id(stable), stable, software, state);
    }

    private static String accelerator() {
        if (!CudaDevice.availability().available()) {
            return "none used";
        }
        CudaDevice device = CudaDevice.shared();
        return device.isStandIn() ? "none used" : device.name();
    }

    /** Mean of what the cores report now. */
    private static String clock(long[] hertz) {
        double mean = LongStream.of(hertz).filter(value -> value > 0).average().orElse(0);
        return mean > 0 ? String.format(Locale.ROOT, "%.2f GHz", 1e-9 * mean) : UNKNOWN;
    }

    /** Periods in which the container's CPU limit stopped it, since it began. */
    private static String throttled(String line) {
        return line.substring(line.lastIndexOf(' ') + 1);
    }

    private static String firstLine(String file) {
        return firstLine(file, "");
    }

    /** The first line that begins so; unknown where the kernel does not show the file. */
    private static String firstLine(String file, String beginning) {
        try {
            return Files.readAllLines(Path.of(file)).stream()
                    .filter(line -> line.startsWith(beginning))
                    .findFirst()
                    .map(String::strip)
                    .orElse(UNKNOWN);
        } catch (IOException e) {
            return UNKNOWN;
        }
    }

    private static String cores(CentralProcessor processor) {
        return processor.getPhysicalProcessorCount() + " physical, " + processor.getLogicalProcessorCount()
                + " logical";
    }

    private static String container(CgroupInfo group) {
        String cpus = group.getEffectiveCpus() == CgroupInfo.UNLIMITED_CPUS
                ? "no CPU limit"
                : String.format(Locale.ROOT, "%.2f CPUs", group.getEffectiveCpus());
        String memory =
                group.getMemoryLimit() == CgroupInfo.UNLIMITED_MEMORY ? "no memory limit" : gib(group.getMemoryLimit());
        return cpus + ", " + memory;
    }

    private static String gib(long bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", bytes / GIB);
    }

    private static String id(Map<String, String> stable) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest(stable.toString().getBytes(StandardCharsets.UTF_8));
            return String.format(Locale.ROOT, "%012x", ByteBuffer.wrap(hash).getLong() >>> 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
