package leakmark.attacks.djl;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import java.util.Objects;
import leakmark.attacks.AttackException;
import org.jspecify.annotations.Nullable;

/** DJL's PyTorch engine on the CPU, or the reason why there is none. Loaded once, never from the network. */
public final class TorchEngine {
    private static final String OFFLINE = "ai.djl.offline";
    private static final String NO_TELEMETRY = "OPT_OUT_TRACKING";

    /** DJL looks for a GPU whatever the natives are, and warns where a driver is missing or old. */
    private static final String GPU_WARNING = "org.slf4j.simpleLogger.log.ai.djl.util.cuda.CudaUtils";

    private TorchEngine() {}

    /**
     * The engine.
     *
     * @throws AttackException if PyTorch cannot be loaded on this machine, with the reason
     */
    public static Engine get() {
        Throwable cause = Holder.CAUSE;
        if (cause != null) {
            throw new AttackException(
                    "PyTorch cannot be loaded (" + Holder.REASON
                            + "); check that the PyTorch natives for this platform are on the class path and that DJL_CACHE_DIR is writable",
                    cause);
        }
        return Objects.requireNonNull(Holder.ENGINE);
    }

    /** Why there is no engine, in one line; null if there is one. */
    public static @Nullable String unavailableBecause() {
        return Holder.CAUSE == null ? null : Holder.REASON;
    }

    /** PyTorch's version. */
    public static String version() {
        return get().getVersion();
    }

    /** Threads within one operation. */
    public static int threads() {
        get();
        return JniUtils.getNumThreads();
    }

    /**
     * Sets the threads within one operation, for the whole process.
     *
     * @throws AttackException if {@code threads} is not positive, or PyTorch cannot be loaded
     */
    public static void setThreads(int threads) {
        if (threads < 1) {
            throw new AttackException("PyTorch needs at least one thread, not " + threads);
        }
        get();
        JniUtils.setNumThreads(threads);
    }

    /** Keeps DJL off the network where the launcher has not: no downloads, no telemetry; and quiet about GPUs. */
    static void setProperties() {
        setIfAbsent(OFFLINE, "true");
        setIfAbsent(NO_TELEMETRY, "true");
        setIfAbsent(GPU_WARNING, "error");
    }

    private static void setIfAbsent(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    private static final class Holder {
        static final @Nullable Engine ENGINE;
        static final String REASON;
        static final @Nullable Throwable CAUSE;

        static {
            setProperties();
            Engine engine = null;
            Throwable cause = null;
            try {
                engine = Engine.getEngine("PyTorch");
            } catch (RuntimeException | LinkageError failure) {
                cause = failure;
            }
            ENGINE = engine;
            CAUSE = cause;
            REASON = cause == null ? "" : firstLine(cause);
        }

        /** The innermost message: DJL wraps the useful one several times. */
        private static String firstLine(Throwable failure) {
            Throwable root = failure;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            return root.toString().lines().findFirst().orElse(root.getClass().getName());
        }
    }
}
