package leakmark.reports.result;

/**
 * A time that nobody measured: what a device would need at least for a cell, from declared work and the device's roofs.
 *
 * @param key of the cell whose work it is
 * @param device name
 * @param seconds predicted, above 0
 * @param basis where the roofs come from
 */
public record Prediction(Result.Key key, String device, double seconds, String basis) {
    public Prediction {
        Values.required(key, "prediction.key");
        Values.required(device, "prediction.device");
        Values.required(basis, "prediction.basis");
        if (!(seconds > 0) || !Double.isFinite(seconds)) {
            throw new IllegalArgumentException("prediction.seconds is " + seconds + ", not above 0");
        }
    }
}
