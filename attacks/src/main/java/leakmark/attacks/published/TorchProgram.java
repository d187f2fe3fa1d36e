package leakmark.attacks.published;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import leakmark.attacks.djl.TorchEngine;
import leakmark.attacks.model.Tensor;

/**
 * A TorchScript module without parameters, loaded from its source. A call crosses from Java to libtorch once, however
 * many operators its method has, and reaches operators that DJL does not bind.
 */
final class TorchProgram implements AutoCloseable {
    private final PtNDManager manager;
    private final PtSymbolBlock module;

    /**
     * Loads a program.
     *
     * @param resources TorchScript sources beside this class: together the methods of a class {@code __torch__.Program}
     */
    TorchProgram(String... resources) {
        this(read(resources));
    }

    private TorchProgram(byte[] methods) {
        manager = (PtNDManager) TorchEngine.get().newBaseManager(Device.cpu());
        try {
            module = JniUtils.loadModule(manager, new ByteArrayInputStream(archive(methods)), false, false);
        } catch (IOException e) {
            manager.close();
            throw new UncheckedIOException(e);
        }
    }

    /** A program from its source: the methods of a class {@code __torch__.Program}. */
    static TorchProgram of(String methods) {
        return new TorchProgram(ascii(methods));
    }

    private static byte[] read(String[] resources) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (String resource : resources) {
            all.writeBytes(read(resource));
        }
        return all.toByteArray();
    }

    private static byte[] read(String resource) {
        try (InputStream source = TorchProgram.class.getResourceAsStream(resource)) {
            if (source == null) {
                throw new IllegalStateException("resource " + resource + " is missing");
            }
            return source.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A manager for a part of the computation; what is left in it goes when it closes. */
    PtNDManager newManager() {
        return manager.newSubManager(Device.cpu());
    }

    /** Copies a tensor to libtorch. */
    static PtNDArray upload(PtNDManager manager, Tensor tensor) {
        long[] shape = new long[tensor.shape().length];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = tensor.shape()[i];
        }
        return manager.create(FloatBuffer.wrap(tensor.data()), new Shape(shape), DataType.FLOAT32);
    }

    /** Copies a matrix of token ids to libtorch. */
    static PtNDArray upload(PtNDManager manager, long[] ids, int rows) {
        return manager.create(LongBuffer.wrap(ids), new Shape(rows, ids.length / rows), DataType.INT64);
    }

    /**
     * Runs a method.
     *
     * @param results owns the returned arrays
     * @param arguments {@link PtNDArray}, {@code PtNDArray[]}, Long or Double
     */
    PtNDArray[] call(PtNDManager results, String method, Object... arguments) {
        IValue[] values = new IValue[arguments.length];
        try {
            for (int i = 0; i < values.length; i++) {
                values[i] = value(arguments[i]);
            }
            try (IValue result = IValueUtils.runMethod(module, method, values)) {
                return result.toNDList(results).stream()
                        .map(PtNDArray.class::cast)
                        .toArray(PtNDArray[]::new);
            }
        } finally {
            for (IValue value : values) {
                if (value != null) {
                    value.close();
                }
            }
        }
    }

    /**
     * Runs a method that records a graph: only DJL's training calls leave recording on. They take their method and lists
     * by the arrays' names.
     *
     * @param results owns the returned arrays and whatever the call makes
     * @param arguments {@link PtNDArray} or {@code PtNDArray[]}; the first is not a list
     */
    PtNDArray[] callRecording(PtNDManager results, String method, Object... arguments) {
        NDList inputs = new NDList();
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i] instanceof PtNDArray array) {
                inputs.add(array);
            } else {
                for (PtNDArray array : (PtNDArray[]) arguments[i]) {
                    array.setName("list" + i + "[]");
                    inputs.add(array);
                }
            }
        }
        NDArray named = results.create(0f);
        named.setName("module_method:" + method);
        inputs.add(named);
        boolean before = JniUtils.isGradMode();
        JniUtils.setGradMode(true);
        try {
            return IValueUtils.forward(module, inputs, true).stream()
                    .map(PtNDArray.class::cast)
                    .toArray(PtNDArray[]::new);
        } finally {
            JniUtils.setGradMode(before);
        }
    }

    private static IValue value(Object argument) {
        if (argument instanceof PtNDArray array) {
            return IValue.from(array);
        }
        if (argument instanceof PtNDArray[] arrays) {
            return IValue.listFrom(arrays);
        }
        if (argument instanceof Long number) {
            return IValue.from(number.longValue());
        }
        return IValue.from(((Double) argument).doubleValue());
    }

    /** TorchScript's file format: a stored zip of the code, a pickled object without state, and no constants. */
    private static byte[] archive(byte[] methods) throws IOException {
        ByteArrayOutputStream code = new ByteArrayOutputStream();
        code.write(ascii("class Program(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n"));
        code.write(methods);

        ByteArrayOutputStream object = new ByteArrayOutputStream();
        object.write(new byte[] {(byte) 0x80, 2, 'c'});
        object.write(ascii("__torch__\nProgram\n"));
        object.write(new byte[] {')', (byte) 0x81, '}', 'X', 8, 0, 0, 0});
        object.write(ascii("training"));
        object.write(new byte[] {(byte) 0x89, 's', 'b', '.'});

        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(archive)) {
            zip.setMethod(ZipOutputStream.STORED);
            add(zip, "program/data.pkl", object.toByteArray());
            add(zip, "program/code/__torch__.py", code.toByteArray());
            add(zip, "program/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
            add(zip, "program/version", ascii("10\n"));
        }
        return archive.toByteArray();
    }

    private static void add(ZipOutputStream zip, String name, byte[] content) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setSize(content.length);
        entry.setCompressedSize(content.length);
        CRC32 checksum = new CRC32();
        checksum.update(content);
        entry.setCrc(checksum.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() {
        module.close();
        manager.close();
    }
}
