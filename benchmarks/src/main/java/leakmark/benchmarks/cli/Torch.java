package leakmark.benchmarks.cli;

import leakmark.attacks.djl.TorchEngine;

/** PyTorch as a part of the environment. */
final class Torch {
    private Torch() {}

    /** @throws CommandFailure with exit code 5 if it cannot be loaded */
    static void require() {
        String reason = TorchEngine.unavailableBecause();
        if (reason != null) {
            throw new CommandFailure(ExitCode.UNFIT, "PyTorch cannot be loaded: " + reason + "; see `leakmark doctor`");
        }
    }
}
