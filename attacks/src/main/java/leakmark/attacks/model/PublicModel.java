package leakmark.attacks.model;

/** The model as server and client both know it. */
public record PublicModel(ModelConfiguration configuration, Weights weights) {
    /** One parameter's values. */
    public Tensor weight(String name) {
        return weights.get(name);
    }
}
