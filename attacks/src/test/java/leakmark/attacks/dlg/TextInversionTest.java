package leakmark.attacks.dlg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import leakmark.attacks.AttackException;
import leakmark.attacks.TokenBatch;
import leakmark.attacks.client.ClientBatch;
import leakmark.attacks.client.FixedLengthSampler;
import leakmark.attacks.client.NetworkClient;
import leakmark.attacks.metrics.TokenAccuracy;
import leakmark.attacks.model.TextNetwork;
import leakmark.attacks.optim.BatchMinimiser.Watch;
import leakmark.attacks.text.TextFile;
import leakmark.attacks.text.TextProfile;
import leakmark.attacks.text.WordTokenizer;
import leakmark.kernels.KernelProviders;
import leakmark.kernels.matching.GradientMatching;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextInversionTest {
    private static final GradientMatching KERNELS = KernelProviders.best().gradientMatching();

    private static FixedLengthSampler.Draw draw(TextNetwork model, int batches, int batchSize) {
        return new FixedLengthSampler(
                        new WordTokenizer(model.vocabularySize()),
                        TextFile.corpus(TextProfile.MEDIUM),
                        model.sequenceLength(),
                        model.model().network().classes())
                .draw(batches, batchSize, 11);
    }

    private static List<Victim> victims(TextNetwork model, List<ClientBatch> batches) {
        NetworkClient client = new NetworkClient(KERNELS);
        return batches.stream()
                .map(batch -> client.share(model, batch.tokens()))
                .toList();
    }

    private static double accuracy(ClientBatch truth, TextReconstruction found) {
        return TokenAccuracy.of(truth.tokens().sequences(), found.sequences());
    }

    /** Every token, and the attacker knows it: the tokens' own gradient is the shared one. */
    @ParameterizedTest
    @CsvSource({"encoder,5", "decoder,4"})
    void dlgReadsSentences(String name, int length) {
        TextNetwork model = TextNetwork.open(name, length, 3, 0.02);
        List<ClientBatch> truth = draw(model, 2, 1).batches();
        List<TextReconstruction> found = new TextInversion(KERNELS, TextSettings.dlg(), LanguagePrior.none())
                .invert(model, victims(model, truth), 1, Watch.none());
        for (int i = 0; i < truth.size(); i++) {
            assertEquals(1, accuracy(truth.get(i), found.get(i)), name);
            assertTrue(found.get(i).certified());
            assertArrayEquals(truth.get(i).tokens().labels(), found.get(i).labels());
        }
    }

    /** The published ones work too where one sentence is short; what they cannot certify they do not. */
    @Test
    void tagAndLampReadShortSentences() {
        TextNetwork model = TextNetwork.open("encoder", 4, 3, 0.02);
        FixedLengthSampler.Draw draw = draw(model, 2, 1);
        List<Victim> victims = victims(model, draw.batches());
        TextSettings tag = TextSettings.tag();
        TextSettings lamp = TextSettings.lamp();
        for (TextSettings settings : List.of(
                tag.with(tag.search().within(300, 1)), lamp.with(lamp.search().within(300, 1)))) {
            List<TextReconstruction> found = new TextInversion(KERNELS, settings, draw.prior(model.vocabularySize()))
                    .invert(model, victims, 1, Watch.none());
            for (int i = 0; i < 2; i++) {
                double accuracy = accuracy(draw.batches().get(i), found.get(i));
                assertTrue(accuracy > 0.5, settings.label() + " " + accuracy);
                assertEquals(accuracy == 1, found.get(i).certified());
            }
        }
    }

    /** An attack does not depend on its neighbours, nor on how many run together: memory for one gives one at a time. */
    @Test
    void chunksGiveTheSameResults() {
        TextNetwork model = TextNetwork.open("encoder", 3, 3, 0.02);
        FixedLengthSampler.Draw draw = draw(model, 3, 2);
        List<Victim> victims = victims(model, draw.batches());
        LanguagePrior prior = draw.prior(model.vocabularySize());
        TextSettings hasty =
                TextSettings.lamp().with(TextSettings.lamp().search().within(5, 1));
        List<TextReconstruction> together =
                new TextInversion(KERNELS, hasty, prior).invert(model, victims, 7, Watch.none());
        List<TextReconstruction> apart =
                new TextInversion(KERNELS, hasty, prior, 1).invert(model, victims, 7, Watch.none());
        for (int i = 0; i < 3; i++) {
            assertEquals(together.get(i).distance(), apart.get(i).distance());
            for (int s = 0; s < 2; s++) {
                assertArrayEquals(
                        together.get(i).sequences().get(s),
                        apart.get(i).sequences().get(s));
            }
        }
    }

    @Test
    void oneSearchThatEndsEarlyIsNotCertified() {
        TextNetwork model = TextNetwork.open("encoder", 6, 3, 0.02);
        List<ClientBatch> truth = draw(model, 1, 1).batches();
        TextSettings hasty = TextSettings.dlg().with(TextSettings.dlg().search().within(1, 2));
        TextReconstruction found = new TextInversion(KERNELS, hasty, LanguagePrior.none())
                .invert(model, victims(model, truth), 1, Watch.none())
                .get(0);
        assertFalse(found.certified());
        assertTrue(accuracy(truth.get(0), found) < 1);
        assertTrue(found.distance() > 1e-6);
    }

    @Test
    void sentencesThatDoNotFitAreRefused() {
        TextNetwork model = TextNetwork.open("encoder", 4, 3, 0.02);
        NetworkClient client = new NetworkClient(KERNELS);
        for (int[] sequence : new int[][] {{1, 2, 3}, {1, 2, 3, 2048}, {1, 2, 3, -1}}) {
            TokenBatch batch = new TokenBatch(List.of(sequence), new int[1], new int[1]);
            assertThrows(AttackException.class, () -> client.share(model, batch));
        }
        assertThrows(AttackException.class, () -> TextNetwork.open("bert", 4, 1, 0.02));
        assertThrows(AttackException.class, () -> TextNetwork.open("encoder", 0, 1, 0.02));
        assertThrows(AttackException.class, () -> draw(model, 1, 1000));
        List<Victim> unequal = List.of(
                victims(model, draw(model, 1, 1).batches()).get(0),
                victims(model, draw(model, 1, 2).batches()).get(0));
        assertThrows(
                AttackException.class,
                () -> new TextInversion(KERNELS, TextSettings.dlg(), LanguagePrior.none())
                        .invert(model, unequal, 1, Watch.none()));
    }

    /** Counted by hand: 1 2 1 3, so after 1 come 2 and 3 once each. */
    @Test
    void theBigramPriorByHand() {
        BigramPrior prior = new BigramPrior(4, List.of(new int[] {1, 2, 1, 3}));
        double first = 3.0 / 8;
        double second = (1 + 2.0 / 8) / 3;
        assertEquals(-(Math.log(first) + Math.log(second)) / 2, prior.surprise(new int[] {1, 2}), 1e-12);
        assertTrue(prior.surprise(new int[] {1, 2}) < prior.surprise(new int[] {2, 2}));
        assertTrue(Double.isFinite(prior.surprise(new int[] {0, 0})));
    }

    /** The prior knows the rest of the text only. */
    @Test
    void theDrawKeepsBatchesOutOfTheRest() {
        TextNetwork model = TextNetwork.open("encoder", 6, 3, 0.02);
        FixedLengthSampler.Draw draw = draw(model, 3, 2);
        assertFalse(draw.rest().isEmpty());
        for (ClientBatch batch : draw.batches()) {
            for (int[] sequence : batch.tokens().sequences()) {
                assertTrue(draw.rest().stream().noneMatch(other -> Arrays.equals(sequence, other)));
            }
        }
    }

    @Test
    void reorderingsAreReorderings() {
        Random random = new Random(2);
        int changed = 0;
        for (int i = 0; i < 500; i++) {
            int length = 1 + i % 9;
            int[] order = Reordering.random(random, length);
            int[] sorted = order.clone();
            Arrays.sort(sorted);
            for (int j = 0; j < length; j++) {
                assertEquals(j, sorted[j]);
            }
            changed += Arrays.equals(order, sorted) ? 0 : 1;
        }
        assertTrue(changed > 200);
    }
}
