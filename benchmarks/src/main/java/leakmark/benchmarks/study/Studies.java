package leakmark.benchmarks.study;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import leakmark.attacks.AttackException;
import leakmark.kernels.KernelProvider;
import leakmark.reports.claims.ClaimSheet.Cell;
import leakmark.reports.result.Gallery;
import leakmark.reports.result.Observation;

/** All studies by name, on one kernel provider. */
public final class Studies implements AutoCloseable {
    private final Map<String, Study> byName = new LinkedHashMap<>();
    private final Clients clients = new Clients();

    public Studies(KernelProvider provider) {
        byName.put("images", new ImageStudy(provider.gradientMatching()));
        byName.put("labels", new LabelStudy(provider.gradientMatching()));
        byName.put("text", new TextStudy(provider, clients));
        byName.put("span", new SpanStudy(clients));
        byName.put("protected-images", new ProtectedImageStudy(provider.gradientMatching()));
        byName.put("federated", new FederatedStudy(provider));
    }

    /**
     * What one setting came to.
     *
     * @param observation value by value
     * @param galleries recovered images
     */
    public record Measured(Observation observation, List<Gallery> galleries) {}

    /**
     * Measures one setting.
     *
     * @throws AttackException if there is no such study or setting
     */
    public Measured measure(Cell cell) {
        Study study = byName.get(cell.study());
        if (study == null) {
            throw new AttackException(
                    "no study '" + cell.study() + "'; there are " + String.join(", ", byName.keySet()));
        }
        Study.Outcome outcome = study.measure(cell);
        Gallery gallery = outcome.gallery();
        return new Measured(outcome.observation(), gallery == null ? List.of() : List.of(gallery));
    }

    @Override
    public void close() {
        clients.close();
    }
}
