package leakmark.kernels.cuda;

import java.util.Locale;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import leakmark.kernels.Availability;
import org.jspecify.annotations.Nullable;

/** The driver library: whether it is there, whether it is new enough, whether it has a device. */
final class Driver {
    /** CUDA 10.0 is the first whose driver reads PTX 6.3. */
    private static final int OLDEST = 10_000;

    private Driver() {}

    /** Loads once; the reason of a failure stays. */
    private static final class Library {
        static final @Nullable String MISSING = load();

        private Library() {}

        private static @Nullable String load() {
            try {
                Natives.place();
                JCudaDriver.setExceptionsEnabled(false);
                JCudaDriver.cuDriverGetVersion(new int[1]);
                return null;
            } catch (LinkageError failure) {
                return reason(failure);
            }
        }

        /** JCuda's message is a page of stack traces; the linker's line is in it. */
        private static String reason(LinkageError failure) {
            String message = String.valueOf(failure.getMessage());
            if (message.contains("libcuda.so")) {
                return "no NVIDIA driver: libcuda.so.1 is not installed";
            }
            return "the CUDA driver cannot be loaded: "
                    + message.lines()
                            .map(String::strip)
                            .filter(line -> line.contains(".so"))
                            .findFirst()
                            .orElse(message.lines().findFirst().orElse("no reason given"));
        }
    }

    /** Asks anew at each call: what may change while the process lives is never cached. */
    static Availability availability() {
        if (Library.MISSING != null) {
            return new Availability(false, Library.MISSING);
        }
        int result = JCudaDriver.cuInit(0);
        if (result == CUresult.CUDA_ERROR_NO_DEVICE) {
            return new Availability(false, "CUDA_ERROR_NO_DEVICE: the driver finds no CUDA device");
        }
        if (result != CUresult.CUDA_SUCCESS) {
            return new Availability(false, CUresult.stringFor(result) + ": the driver does not start");
        }
        int[] devices = new int[1];
        result = JCudaDriver.cuDeviceGetCount(devices);
        if (result != CUresult.CUDA_SUCCESS || devices[0] == 0) {
            return new Availability(false, "CUDA_ERROR_NO_DEVICE: the driver finds no CUDA device");
        }
        int version = version();
        if (version < OLDEST) {
            return new Availability(
                    false,
                    "CUDA_ERROR_UNSUPPORTED_PTX_VERSION: the driver is for CUDA " + dotted(version)
                            + ", the kernels need " + dotted(OLDEST) + "; install a newer driver");
        }
        return new Availability(true, "driver for CUDA " + dotted(version));
    }

    private static int version() {
        int[] version = new int[1];
        check(JCudaDriver.cuDriverGetVersion(version), "the driver's version");
        return version[0];
    }

    private static String dotted(int version) {
        return String.format(Locale.ROOT, "%d.%d", version / 1000, version % 1000 / 10);
    }

    /** For calls that touch no context. */
    static void check(int result, String what) {
        if (result != CUresult.CUDA_SUCCESS) {
            throw new CudaError(result, what);
        }
    }
}
