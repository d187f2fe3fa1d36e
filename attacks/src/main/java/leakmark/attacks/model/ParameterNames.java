package leakmark.attacks.model;

/** GPT-2's published parameter names. The prefix {@code transformer.} is dropped where a file has it. */
public final class ParameterNames {
    /** Token embedding, V × d; the language-model head shares it. */
    public static final String TOKEN_EMBEDDING = "wte.weight";

    /** Position embedding, positions × d. */
    public static final String POSITION_EMBEDDING = "wpe.weight";

    /** Scale of the last LayerNorm, d. */
    public static final String FINAL_NORM_SCALE = "ln_f.weight";

    /** Shift of the last LayerNorm, d. */
    public static final String FINAL_NORM_SHIFT = "ln_f.bias";

    /** Classification head, d × labels here; {@code nn.Linear} files store labels × d. No bias. */
    public static final String CLASSIFIER = "score.weight";

    private ParameterNames() {}

    /** Scale γ of the LayerNorm before the attention of {@code layer} (0-based), d. */
    public static String attentionNormScale(int layer) {
        return "h." + layer + ".ln_1.weight";
    }

    /** Shift β of the LayerNorm before the attention, d. */
    public static String attentionNormShift(int layer) {
        return "h." + layer + ".ln_1.bias";
    }

    /** Stacked query, key and value projection, d × 3d. */
    public static String queryKeyValue(int layer) {
        return "h." + layer + ".attn.c_attn.weight";
    }

    /** Bias of the stacked projection, 3d. */
    public static String queryKeyValueBias(int layer) {
        return "h." + layer + ".attn.c_attn.bias";
    }

    /** Output projection of the attention, d × d. */
    public static String attentionOutput(int layer) {
        return "h." + layer + ".attn.c_proj.weight";
    }

    /** Bias of the output projection, d. */
    public static String attentionOutputBias(int layer) {
        return "h." + layer + ".attn.c_proj.bias";
    }

    /** Scale of the LayerNorm before the MLP, d. */
    public static String mlpNormScale(int layer) {
        return "h." + layer + ".ln_2.weight";
    }

    /** Shift of the LayerNorm before the MLP, d. */
    public static String mlpNormShift(int layer) {
        return "h." + layer + ".ln_2.bias";
    }

    /** First MLP matrix, d × inner. */
    public static String mlpInput(int layer) {
        return "h." + layer + ".mlp.c_fc.weight";
    }

    /** First MLP bias, inner. */
    public static String mlpInputBias(int layer) {
        return "h." + layer + ".mlp.c_fc.bias";
    }

    /** Second MLP matrix, inner × d. */
    public static String mlpOutput(int layer) {
        return "h." + layer + ".mlp.c_proj.weight";
    }

    /** Second MLP bias, d. */
    public static String mlpOutputBias(int layer) {
        return "h." + layer + ".mlp.c_proj.bias";
    }
}
