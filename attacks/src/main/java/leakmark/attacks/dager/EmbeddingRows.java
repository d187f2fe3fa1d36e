package leakmark.attacks.dager;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import leakmark.attacks.Attack;
import leakmark.attacks.AttackException;
import leakmark.attacks.Reconstruction;
import leakmark.attacks.Reconstruction.RecoveredSequence;
import leakmark.attacks.SharedGradient;
import leakmark.attacks.model.ParameterNames;
import leakmark.attacks.model.PublicModel;
import leakmark.attacks.model.Tensor;

/**
 * The oldest leak of text: rows of the token embedding's gradient are zero but for the batch's tokens. Frozen embeddings stop
 * this one. One sequence of all tokens, rising, comes out; their order and number do not.
 */
public final class EmbeddingRows implements Attack {
    @Override
    public Reconstruction reconstruct(PublicModel model, SharedGradient gradient) {
        Tensor rows = gradient.tensors().get(ParameterNames.TOKEN_EMBEDDING);
        if (rows == null) {
            throw new AttackException("the gradient of " + ParameterNames.TOKEN_EMBEDDING
                    + " is not shared (frozen embeddings): its rows tell nothing; try attack dager");
        }
        int width = rows.columns();
        int[] tokens = IntStream.range(0, rows.rows())
                .filter(v -> IntStream.range(v * width, (v + 1) * width).anyMatch(i -> rows.data()[i] != 0))
                .toArray();
        return new Reconstruction(
                tokens.length == 0 ? List.of() : List.of(new RecoveredSequence(tokens, 0)), Map.of(), null, Map.of());
    }
}
