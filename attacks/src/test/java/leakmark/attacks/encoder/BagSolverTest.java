package leakmark.attacks.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import leakmark.attacks.Task;
import leakmark.attacks.dager.NormalisedEmbeddings;
import leakmark.attacks.dager.ResidentEmbeddings;
import leakmark.attacks.dager.TokenFilter.Candidates;
import leakmark.attacks.model.Architecture;
import leakmark.attacks.model.PublicModel;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.KernelProviders;
import org.junit.jupiter.api.Test;

class BagSolverTest {
    private static final KernelProvider KERNELS = KernelProviders.best();

    /**
     * What is left of a batch at its end: a sequence whose tokens and positions are the whole dictionary. No norm is apart from
     * others then.
     */
    @Test
    void aLoneSequenceIsAllOfItsDictionary() {
        PublicModel model = EncoderScenario.model(Architecture.BERT, 256, 8192, 0.02);
        String sentence = "the old gardener watered seven pale roses before breakfast";
        EncoderScenario scenario = EncoderScenario.of(model, Task.CLASSIFICATION, List.of(sentence), 1, 11, 1);
        int[] sequence = scenario.truth().tokens().sequences().get(0);
        int[] tokens = Arrays.stream(sequence).sorted().distinct().toArray();
        assertEquals(sequence.length, tokens.length, "a token repeats");
        try (ResidentEmbeddings embeddings = new ResidentEmbeddings(KERNELS)) {
            NormalisedEmbeddings layer1 = embeddings.of(model);
            int[] rows = IntStream.range(0, tokens.length).toArray();
            TokenGradients gradients = new TokenGradients(
                    layer1,
                    new Candidates(tokens, Collections.nCopies(sequence.length, rows)),
                    model.configuration().heads(),
                    AttentionGradients.query(model, scenario.gradient()),
                    AttentionGradients.key(model, scenario.gradient()));
            Proposal proposal = new BagSolver(gradients, rows, KERNELS.supportRecovery())
                    .propose(new int[] {Arrays.binarySearch(tokens, sequence[4])})[0];
            assertNotNull(proposal);
            assertEquals(0, proposal.offset());
            assertArrayEquals(
                    sequence,
                    Arrays.stream(proposal.rows()).map(row -> tokens[row]).toArray());
        }
    }
}
