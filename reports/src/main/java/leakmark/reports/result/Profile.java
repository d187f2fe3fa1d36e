package leakmark.reports.result;

import java.util.List;
import java.util.Map;

/**
 * Where a call's time and memory go.
 *
 * @param title what was called
 * @param variant provider
 * @param params its setting
 * @param seconds how long it was watched
 * @param calls finished meanwhile
 * @param samples of running threads
 * @param frames methods on top of the stack, by share of the samples, hottest first
 * @param allocations classes, by share of the sampled bytes, largest first
 * @param allocators methods that allocate, by share of the sampled bytes, largest first
 * @param tools what each profiler said, or why it said nothing
 */
public record Profile(
        String title,
        String variant,
        Map<String, String> params,
        double seconds,
        long calls,
        long samples,
        List<Share> frames,
        List<Share> allocations,
        List<Share> allocators,
        Map<String, String> tools) {
    public Profile {
        Values.required(title, "profile.title");
        Values.required(variant, "profile.variant");
        params = Values.map(params, "profile.params");
        Values.notNegative(seconds, "profile.seconds");
        frames = Values.list(frames, "profile.frames");
        allocations = Values.list(allocations, "profile.allocations");
        allocators = Values.list(allocators, "profile.allocators");
        tools = Values.map(tools, "profile.tools");
    }

    /**
     * A part of the whole.
     *
     * @param name method or class
     * @param share 0 to 1
     */
    public record Share(String name, double share) {
        public Share {
            Values.required(name, "share.name");
            Values.notNegative(share, "share.share");
        }
    }
}
