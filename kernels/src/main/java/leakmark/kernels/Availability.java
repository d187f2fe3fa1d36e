package leakmark.kernels;

/**
 * Whether a provider can be used here, and why.
 *
 * @param available true if it can
 * @param reason what was found, or what is missing; one line
 */
public record Availability(boolean available, String reason) {}
