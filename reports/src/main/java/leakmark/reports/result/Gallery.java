package leakmark.reports.result;

import java.util.List;
import java.util.Map;

/**
 * Images an attack recovered.
 *
 * @param title what was attacked
 * @param params of the attack
 * @param attacks independent attacks
 * @param recovered those that recovered every image
 * @param strip PNG in base64: true, recovered and difference images, one below the other
 * @param curveStep gradients matched between two values of a curve
 * @param curves for each attack the best loss so far, positive
 */
public record Gallery(
        String title,
        Map<String, String> params,
        int attacks,
        int recovered,
        String strip,
        int curveStep,
        List<List<Double>> curves) {
    public Gallery {
        Values.required(title, "gallery.title");
        params = Values.map(params, "gallery.params");
        Values.required(strip, "gallery.strip");
        if (!strip.matches("[A-Za-z0-9+/]*={0,2}")) {
            throw new IllegalArgumentException("gallery '" + title + "' has a strip that is not base64");
        }
        curves = Values.list(curves, "gallery.curves").stream()
                .map(curve -> Values.list(curve, "gallery.curves"))
                .toList();
        curves.forEach(curve -> curve.forEach(value -> Values.notNegative(value, "a value of gallery.curves")));
        if (recovered < 0 || recovered > attacks || curveStep < 1) {
            throw new IllegalArgumentException("gallery '" + title + "' has " + recovered + " recovered of " + attacks
                    + " attacks, and a curve step of " + curveStep);
        }
    }
}
