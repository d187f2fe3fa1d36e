package leakmark.attacks.encoder;

/**
 * A sequence as layer 1's gradients suggest it; to be verified.
 *
 * @param rows token of each position, as rows of the candidates
 * @param offset position of the first
 * @param margin how integral its assignment of tokens to positions is: 1 for whole numbers, 0.5 and less for a
 *     guess, 0 where there is none
 */
@SuppressWarnings("ArrayRecordComponent")
record Proposal(int[] rows, int offset, double margin) {}
