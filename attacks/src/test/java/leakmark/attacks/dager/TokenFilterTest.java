package leakmark.attacks.dager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import leakmark.attacks.dager.TokenFilter.Candidates;
import leakmark.attacks.model.PublicModel;
import leakmark.kernels.HostRowSpace;
import leakmark.kernels.KernelProvider;
import leakmark.kernels.Matrix;
import leakmark.kernels.Orthonormal;
import leakmark.kernels.RankDecision;
import leakmark.kernels.RowSpace;
import leakmark.kernels.scalar.ScalarKernels;
import leakmark.kernels.vector.VectorKernels;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Row spaces made of planted inputs, with pairs of token and position known beforehand. */
class TokenFilterTest {
    private static final PublicModel MODEL = Scenario.tiny(0.05);
    private static final NormalisedEmbeddings EMBEDDINGS = new NormalisedEmbeddings(MODEL, new ScalarKernels());

    static List<KernelProvider> providers() {
        return List.of(new ScalarKernels(), new VectorKernels());
    }

    /** The span of the layer-1 inputs of pairs {token, position}, and of β. */
    private static RowSpace span(int[]... pairs) {
        int d = MODEL.configuration().hiddenSize();
        float[][] inputs = new float[pairs.length + 1][d];
        for (int n = 0; n < pairs.length; n++) {
            Matrix token = EMBEDDINGS.tokenParts(new int[] {pairs[n][0]});
            Matrix position = EMBEDDINGS.positionParts(pairs[n][1], pairs[n][1] + 1);
            for (int e = 0; e < d; e++) {
                inputs[n][e] = token.at(0, e) + position.at(0, e);
            }
        }
        inputs[pairs.length] = EMBEDDINGS.shift();
        double[] basis = Orthonormal.append(new double[0], d, inputs);
        return new HostRowSpace(d, new RankDecision(basis.length / d, 1e-3, 1e-7, 4e-6), basis);
    }

    private static List<List<Integer>> found(RowSpace space, KernelProvider kernels) {
        Candidates candidates = new TokenFilter(EMBEDDINGS, MODEL.configuration(), kernels).candidates(space);
        List<List<Integer>> result = new ArrayList<>();
        for (int[] rows : candidates.rows()) {
            result.add(
                    Arrays.stream(rows).map(r -> candidates.tokens()[r]).boxed().toList());
        }
        return result;
    }

    @ParameterizedTest
    @MethodSource("providers")
    void findsPairsThatShareNothing(KernelProvider kernels) {
        RowSpace space = span(new int[][] {{5, 0}, {99, 1}, {511, 2}, {0, 4}});
        assertEquals(5, space.rank());
        assertEquals(List.of(List.of(5), List.of(99), List.of(511), List.of(), List.of(0)), found(space, kernels));
    }

    /** Three corners of a rectangle of tokens and positions put the fourth into the span: nothing can tell it apart. */
    @ParameterizedTest
    @MethodSource("providers")
    void connectedTokensAndPositionsPairUpFreely(KernelProvider kernels) {
        RowSpace space = span(new int[][] {{5, 0}, {5, 1}, {99, 0}, {300, 1}, {300, 3}, {42, 2}});
        // T + P − 1 per connected part, and β: 3 + 3 − 1, 1 + 1 − 1, 1.
        assertEquals(7, space.rank());
        List<Integer> connected = List.of(5, 99, 300);
        assertEquals(List.of(connected, connected, List.of(42), connected), found(space, kernels));
    }

    /** The sweep goes on beyond its first positions while the batch does. */
    @ParameterizedTest
    @MethodSource("providers")
    void lastPositionIsReached(KernelProvider kernels) {
        int last = MODEL.configuration().positions() - 1;
        List<List<Integer>> found = found(span(new int[][] {{17, last}}), kernels);
        assertEquals(last + 1, found.size());
        assertEquals(List.of(17), found.get(last));
        assertEquals(List.of(), found.get(0));
    }
}
