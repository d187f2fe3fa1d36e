package leakmark.attacks;

import java.util.Locale;
import leakmark.attacks.model.Architecture;
import leakmark.attacks.model.BertNames;
import leakmark.attacks.model.ParameterNames;

/** What the client trains; the server chose it, so the attacker knows it. */
public enum Task {
    /** Cross-entropy of a head on the last token (decoder) or first (encoder) of each sequence, averaged over sequences. */
    CLASSIFICATION,
    /** Cross-entropy of each next token, averaged over all predicted tokens of the batch; decoders only. */
    NEXT_TOKEN,
    /** Cross-entropy of the tokens that were masked, averaged over all of the batch; encoders only. */
    MASKED_LM;

    /** Whether a model of that architecture can be trained on it. */
    public boolean fits(Architecture architecture) {
        return this == CLASSIFICATION || (this == MASKED_LM) == (architecture == Architecture.BERT);
    }

    /** Whether the loss depends on that parameter; a head has no gradient in another head's task. */
    public boolean reaches(String parameter) {
        boolean classifies = parameter.equals(ParameterNames.CLASSIFIER)
                || parameter.equals(BertNames.CLASSIFIER)
                || parameter.equals(BertNames.CLASSIFIER_BIAS)
                || parameter.equals(BertNames.POOLER)
                || parameter.equals(BertNames.POOLER_BIAS);
        boolean predicts = parameter.startsWith("cls.");
        return this == CLASSIFICATION ? !predicts : !classifies;
    }

    /** Spelling on the command line and in files: {@code classification}, {@code next-token}, {@code masked-lm}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
