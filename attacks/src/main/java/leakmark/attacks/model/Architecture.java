package leakmark.attacks.model;

/** Which computation a configuration's numbers describe. */
public enum Architecture {
    /** Decoder: pre-LayerNorm blocks, causal attention, GELU in its tanh form; see {@link ParameterNames}. */
    GPT2,
    /** Encoder: post-LayerNorm blocks, attention to all tokens, exact GELU, pooler; see {@link BertNames}. */
    BERT
}
