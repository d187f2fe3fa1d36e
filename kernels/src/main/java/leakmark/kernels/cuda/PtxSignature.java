package leakmark.kernels.cuda;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The parameters a kernel takes, as its PTX declares them.
 *
 * @param kernel its name
 * @param parameters in their order
 */
record PtxSignature(String kernel, List<Type> parameters) {
    private static final Pattern ENTRY = Pattern.compile("\\.entry\\s+(\\w+)\\s*\\(([^)]*)\\)");
    private static final Pattern PARAMETER = Pattern.compile("\\.param\\s+\\.(\\w+)\\s");

    /** What a parameter is. */
    enum Type {
        /** 8 bytes: PTX does not tell pointers from whole numbers. */
        POINTER_OR_LONG,
        INT,
        FLOAT,
        DOUBLE;

        static Type of(String type) {
            return switch (type) {
                case "u64", "s64", "b64" -> POINTER_OR_LONG;
                case "u32", "s32", "b32" -> INT;
                case "f32" -> FLOAT;
                case "f64" -> DOUBLE;
                default -> throw new IllegalArgumentException("a kernel parameter of PTX type ." + type);
            };
        }

        /** The type that takes a Java argument. */
        static Type of(Object argument) {
            if (argument instanceof DeviceMemory
                    || argument instanceof DeviceMemory.View
                    || argument instanceof PinnedBuffer
                    || argument instanceof Long) {
                return POINTER_OR_LONG;
            }
            if (argument instanceof Integer) {
                return INT;
            }
            if (argument instanceof Float) {
                return FLOAT;
            }
            if (argument instanceof Double) {
                return DOUBLE;
            }
            throw new IllegalArgumentException(
                    "no kernel takes a " + argument.getClass().getSimpleName());
        }
    }

    /** All kernels of a PTX text, by name. */
    static Map<String, PtxSignature> read(String ptx) {
        Map<String, PtxSignature> signatures = new LinkedHashMap<>();
        Matcher entry = ENTRY.matcher(ptx);
        while (entry.find()) {
            List<Type> types = new ArrayList<>();
            Matcher parameter = PARAMETER.matcher(entry.group(2));
            while (parameter.find()) {
                types.add(Type.of(parameter.group(1)));
            }
            signatures.put(entry.group(1), new PtxSignature(entry.group(1), List.copyOf(types)));
        }
        return signatures;
    }

    /**
     * Compares arguments with the parameters.
     *
     * @throws IllegalArgumentException if count or a type differs
     */
    void check(Object[] arguments) {
        if (arguments.length != parameters.size()) {
            throw new IllegalArgumentException("kernel " + kernel + " takes " + parameters.size() + " arguments, not "
                    + arguments.length + ": " + parameters);
        }
        for (int i = 0; i < arguments.length; i++) {
            Type given = Type.of(arguments[i]);
            if (given != parameters.get(i)) {
                throw new IllegalArgumentException("argument " + i + " of kernel " + kernel + " is " + parameters.get(i)
                        + " in its PTX, not " + given + ": " + parameters);
            }
        }
    }
}
