package leakmark.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Loads the stand-in before each test; after it, whatever was taken from the device must be given back. */
public final class NoLeaks implements BeforeEachCallback, AfterEachCallback {
    @Override
    public void beforeEach(ExtensionContext context) {
        StandIn.load();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        StandIn.load();
        check(CudaDevice.shared());
    }

    /** Fails if anything is not given back; closes the device in any case. */
    static void check(CudaDevice device) {
        List<String> unreleased = device.unreleased();
        device.close();
        assertEquals(List.of(), unreleased, "taken from the device and not given back");
    }
}
