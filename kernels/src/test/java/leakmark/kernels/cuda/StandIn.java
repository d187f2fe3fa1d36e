package leakmark.kernels.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Assumptions;

/**
 * The stand-in for a GPU: {@code libcuda.so.1} made by g++ from the kernels' own source, loaded before JCuda looks for one.
 * What {@code src/test/cuda/libcuda.cpp} can be told is told through {@code cuCtxSetLimit} with limits no GPU has.
 */
public final class StandIn {
    /** Orders of blocks, warps and lanes worth trying: forward, reverse, two shuffles. */
    public static final List<Long> ORDERS = List.of(0L, 1L, 2L, 12345L);

    private static final int FIRST_HOOK = 0x4c4d0000;

    /** Builds and loads once; a failure to build is not tried again for every test. */
    private static final class Library {
        static {
            List<Path> sources = new ArrayList<>(HostCompiler.shipped());
            sources.addAll(testKernels());
            System.load(new HostCompiler().library(sources).toString());
        }

        private Library() {}

        static void load() {}
    }

    /** Numbers of {@code enum Hook} in device_state.h. */
    private enum Hook {
        RESET(0),
        ORDER(1),
        CAPACITY(2),
        FAIL_NEXT_LAUNCH(3),
        DRIVER_VERSION(4),
        DEVICES(5),
        INITIALISATION(6),
        THREADS(7),
        LOSE_CONTEXT(8),
        RECORDING(9),
        LAUNCHES(10),
        ALLOCATIONS(11);

        private final int limit;

        Hook(int number) {
            limit = FIRST_HOOK + number;
        }
    }

    private StandIn() {}

    /** Loads it and takes back what it was told. A test that calls this is skipped by name where there is no g++. */
    public static void load() {
        Assumptions.assumeTrue(HostCompiler.AVAILABLE, "SKIPPED: no g++ to build the stand-in for a GPU");
        Library.load();
        tell(Hook.RESET, 0);
    }

    /** Kernels under test/cuda: small ones that the driver's own tests launch. */
    static List<Path> testKernels() {
        try (Stream<Path> files = Files.list(HostCompiler.root().resolve("kernels/src/test/cuda"))) {
            return files.filter(file -> file.toString().endsWith(".cu"))
                    .sorted()
                    .toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Order of blocks, warps and lanes: 0 forward, 1 reverse, from 2 on the seed of a shuffle. */
    public static void order(long order) {
        tell(Hook.ORDER, order);
    }

    /** CPU threads that run blocks. */
    public static void threads(int threads) {
        tell(Hook.THREADS, threads);
    }

    /** Device memory in bytes. */
    public static void capacity(long bytes) {
        tell(Hook.CAPACITY, bytes);
    }

    /** The next launch ends in this error. */
    public static void failNextLaunch(int code) {
        tell(Hook.FAIL_NEXT_LAUNCH, code);
    }

    /** The context is lost now, by this error. */
    public static void loseContext(int code) {
        tell(Hook.LOSE_CONTEXT, code);
    }

    /** The driver's version: 12060 is CUDA 12.6. */
    public static void driverVersion(int version) {
        tell(Hook.DRIVER_VERSION, version);
    }

    /** How many devices there are. */
    public static void devices(int count) {
        tell(Hook.DEVICES, count);
    }

    /** What {@code cuInit} answers. */
    public static void initialisation(int code) {
        tell(Hook.INITIALISATION, code);
    }

    /** Leaves what follows out of the recording that the sanitizers replay; only while nothing is allocated. */
    public static void unrecorded() {
        tell(Hook.RECORDING, 0);
    }

    /** Launches executed so far in this process. */
    public static long launches() {
        return ask(Hook.LAUNCHES);
    }

    /** Pieces of device memory that are allocated. */
    public static long allocations() {
        return ask(Hook.ALLOCATIONS);
    }

    private static void tell(Hook hook, long value) {
        Driver.availability();
        Driver.check(JCudaDriver.cuCtxSetLimit(hook.limit, value), "the stand-in's " + hook);
    }

    private static long ask(Hook hook) {
        long[] value = new long[1];
        Driver.check(JCudaDriver.cuCtxGetLimit(value, hook.limit), "the stand-in's " + hook);
        return value[0];
    }
}
