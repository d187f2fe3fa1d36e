package leakmark.benchmarks.cli;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
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
        stable.put("vectors", new VectorKernels().availability().reason());
        stable.put("memory", gib(memory.getTotal()));
        stable.put("container", container(system.getCgroupInfo()));
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
        state.put("availableMemory", gib(memory.getAvailable()));
        state.put("heapLimit", gib(Runtime.getRuntime().maxMemory()));
        double load = processor.getSystemLoadAverage(1)[0];
        state.put("loadAverage", load < 0 ? "unknown" : String.format(Locale.ROOT, "%.2f", load));
        return new Machine(id(stable), stable, software, state);
    }

    private static String accelerator() {
        if (!CudaDevice.availability().available()) {
            return "none used";
        }
        CudaDevice device = CudaDevice.shared();
        return device.isStandIn() ? "none used" : device.name();
    }

    private static String cores(CentralProcessor processor) {
        return processor.getPhysicalProcessorCount() + " physical, " + processor.getLogicalProcessorCount()
                + " logical, " + Runtime.getRuntime().availableProcessors() + " for this process";
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
