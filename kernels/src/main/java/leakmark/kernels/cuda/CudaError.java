package leakmark.kernels.cuda;

import jcuda.driver.CUresult;

/** A failed call of the CUDA driver: one line that starts with CUDA's name of the error. */
public final class CudaError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int code;

    /** An error by CUDA's number, with what it means here. */
    public CudaError(int code, String message) {
        super(CUresult.stringFor(code) + ": " + message);
        this.code = code;
    }

    /** CUDA's number of the error. */
    public int code() {
        return code;
    }

    /** True if the device had too little memory. */
    public boolean isOutOfMemory() {
        return code == CUresult.CUDA_ERROR_OUT_OF_MEMORY;
    }

    /** True if the error took the context, and with it all device memory. */
    public boolean isContextLost() {
        return losesContext(code);
    }

    /** After these a context answers every call with the same error. */
    static boolean losesContext(int code) {
        return switch (code) {
            case CUresult.CUDA_ERROR_ECC_UNCORRECTABLE,
                    CUresult.CUDA_ERROR_NVLINK_UNCORRECTABLE,
                    CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
                    CUresult.CUDA_ERROR_LAUNCH_TIMEOUT,
                    CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED,
                    CUresult.CUDA_ERROR_ASSERT,
                    CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR,
                    CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION,
                    CUresult.CUDA_ERROR_MISALIGNED_ADDRESS,
                    CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE,
                    CUresult.CUDA_ERROR_INVALID_PC,
                    CUresult.CUDA_ERROR_LAUNCH_FAILED,
                    CUresult.CUDA_ERROR_UNKNOWN -> true;
            default -> false;
        };
    }
}
