package leakmark.attacks.djl;

import leakmark.attacks.AttackException;
import leakmark.attacks.Task;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.model.ModelConfiguration;

/** Does a batch fit a model? PyTorch's own answers to ids out of range are long, or a crash. */
final class BatchCheck {
    private BatchCheck() {}

    /** @throws AttackException naming the first sequence whose tokens or positions do not fit, and why */
    static void sequences(ModelConfiguration model, TokenBatch batch) {
        if (batch.sequences().isEmpty()) {
            throw new AttackException("the batch has no sequences");
        }
        for (int s = 0; s < batch.sequences().size(); s++) {
            int[] sequence = batch.sequences().get(s);
            int offset = batch.offsets()[s];
            if (sequence.length == 0) {
                throw new AttackException("sequence " + s + " of the batch is empty");
            }
            if (offset < 0 || offset + sequence.length > model.positions()) {
                throw new AttackException("sequence " + s + " stands at positions " + offset + " to "
                        + (offset + sequence.length - 1) + ", the model has 0 to " + (model.positions() - 1)
                        + "; shorten the sequences");
            }
            for (int token : sequence) {
                if (token < 0 || token >= model.vocabularySize()) {
                    throw new AttackException("token id " + token + " in sequence " + s
                            + " is outside the model's vocabulary of " + model.vocabularySize()
                            + "; use the model's own tokenizer");
                }
            }
        }
    }

    /** @throws AttackException if the task's targets do not fit, and why */
    static void targets(ModelConfiguration model, Task task, TokenBatch batch) {
        for (int s = 0; s < batch.sequences().size(); s++) {
            int label = batch.labels()[s];
            if (task == Task.CLASSIFICATION && (label < 0 || label >= model.labels())) {
                throw new AttackException("label " + label + " of sequence " + s + " is outside the model's "
                        + model.labels() + " classes");
            }
        }
        if (!task.fits(model.architecture())) {
            throw new AttackException("the task " + task.label() + " is not one of model " + model.name());
        }
        if (task == Task.MASKED_LM && batch.targetCount() == 0) {
            throw new AttackException("masked-LM needs a batch with masked tokens");
        }
        if (task == Task.NEXT_TOKEN && predictedTokens(batch) == 0) {
            throw new AttackException("next-token prediction needs a sequence of at least 2 tokens");
        }
    }

    /** Tokens that have one before them. */
    static int predictedTokens(TokenBatch batch) {
        return batch.tokens() - batch.sequences().size();
    }
}
