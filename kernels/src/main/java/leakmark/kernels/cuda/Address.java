package leakmark.kernels.cuda;

import jcuda.driver.CUdeviceptr;

/** A device pointer that shows its number, which JCuda keeps to subclasses. */
final class Address extends CUdeviceptr {
    Address(CUdeviceptr pointer) {
        super(pointer);
    }

    long number() {
        return getNativePointer() + getByteOffset();
    }
}
