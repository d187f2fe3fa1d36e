package leakmark.kernels.cuda;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

/** The kernels of one source file, loaded from the PTX in the jar. */
public final class CudaModule {
    private final CudaDevice device;
    private final String name;
    private final CUmodule module = new CUmodule();
    private final Map<String, PtxSignature> signatures;
    private final Map<String, Kernel> kernels = new ConcurrentHashMap<>();

    private CudaModule(CudaDevice device, String name, String ptx) {
        this.device = device;
        this.name = name;
        this.signatures = PtxSignature.read(ptx);
        byte[] text = ptx.getBytes(StandardCharsets.US_ASCII);
        byte[] terminated = Arrays.copyOf(text, text.length + 1); // the driver reads a C string
        device.check(
                JCudaDriver.cuModuleLoadData(module, terminated),
                "loading the kernels of " + name + " on " + device.name());
    }

    /** Loads PTX whose hash the manifest confirms. */
    static CudaModule load(CudaDevice device, String name) {
        return new CudaModule(device, name, PtxManifest.shipped().ptx(name));
    }

    /** Loads a PTX text. */
    static CudaModule load(CudaDevice device, String name, String ptx) {
        device.enter();
        return new CudaModule(device, name, ptx);
    }

    /**
     * One of its kernels.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public Kernel kernel(String kernel) {
        return kernels.computeIfAbsent(kernel, this::find);
    }

    private Kernel find(String kernel) {
        PtxSignature signature = signatures.get(kernel);
        if (signature == null) {
            throw new IllegalArgumentException("no kernel " + kernel + " in " + name + ": " + signatures.keySet());
        }
        CUfunction function = new CUfunction();
        device.check(
                JCudaDriver.cuModuleGetFunction(function, module, kernel), "finding kernel " + kernel + " in " + name);
        return new Kernel(device, function, signature);
    }
}
