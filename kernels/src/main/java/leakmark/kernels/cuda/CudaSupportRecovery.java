package leakmark.kernels.cuda;

import java.util.Arrays;
import leakmark.kernels.SupportRecovery;

/**
 * Launches of {@code support_recovery.cu}: all steps of all problems are queued at once, the host waits for the norms. The
 * dictionary is brought to the device for each call: 3.6 MB for bert-base at 32 × 16.
 */
final class CudaSupportRecovery implements SupportRecovery {
    private static final String MODULE = "support_recovery";
    private static final int THREADS = 256;

    /** Most equations: the kernels' SUPPORT_Q. */
    private static final int MOST_EQUATIONS = 160;

    /** Atoms under this weight, relative to the largest, have no part in the solution. */
    private static final double FLOOR = 1e-7;

    private final CudaDevice device;
    private final int version;

    CudaSupportRecovery(CudaDevice device) {
        this(device, 1);
    }

    /** With the kernels of a rung: 0 is the naive one, which keeps all atoms. */
    CudaSupportRecovery(CudaDevice device, int version) {
        this.device = device;
        this.version = version;
    }

    @Override
    public double[][] groupNorms(Dictionary dictionary, Problem[] problems, Schedule schedule) {
        if (dictionary.equations() > MOST_EQUATIONS) {
            throw new IllegalArgumentException("provider 'cuda' takes at most " + MOST_EQUATIONS
                    + " equations a system, not " + dictionary.equations() + "; choose provider 'vector'");
        }
        if (problems.length == 0) {
            return new double[0][];
        }
        double[] norms = new double[problems.length * dictionary.atoms()];
        try (Workspace work = new Workspace(device)) {
            solve(work, dictionary, problems, schedule, norms);
        }
        double[][] result = new double[problems.length][];
        for (int p = 0; p < problems.length; p++) {
            double[] own = Arrays.copyOfRange(norms, p * dictionary.atoms(), (p + 1) * dictionary.atoms());
            double largest = Arrays.stream(own).max().orElse(0);
            result[p] = Arrays.stream(own)
                    .map(norm -> largest == 0 ? 0 : Math.sqrt(norm / largest))
                    .toArray();
        }
        return result;
    }

    private void solve(Workspace work, Dictionary dictionary, Problem[] problems, Schedule schedule, double[] result) {
        int systems = dictionary.systems();
        int q = dictionary.equations();
        int m = dictionary.atoms();
        int blocks = problems.length * systems;
        int[] starts = new int[problems.length + 1];
        int[] active = new int[problems.length * m];
        int[] counts = new int[problems.length];
        double[] weights = new double[problems.length * m];
        for (int p = 0; p < problems.length; p++) {
            starts[p + 1] = starts[p] + systems * problems[p].columns();
            System.arraycopy(problems[p].weights(), 0, weights, p * m, m);
            for (int a = 0; a < m; a++) {
                if (weights[p * m + a] > FLOOR) {
                    active[p * m + counts[p]++] = a;
                }
            }
        }
        double[] sides = new double[starts[problems.length] * q];
        for (int p = 0; p < problems.length; p++) {
            System.arraycopy(problems[p].values(), 0, sides, starts[p] * q, problems[p].values().length);
        }
        DeviceMemory atoms = work.of(byAtom(dictionary), "a dictionary");
        DeviceMemory y = work.of(sides, "right-hand sides");
        DeviceMemory first = work.of(starts, "right-hand sides");
        DeviceMemory weight = work.of(weights, "weights of atoms");
        DeviceMemory lists = work.of(active, "atoms in use");
        DeviceMemory count = work.of(counts, "atoms in use");
        DeviceMemory gram = work.room((long) blocks * q * q, Double.BYTES, "matrices of equations");
        DeviceMemory partial = work.room((long) blocks * m, Double.BYTES, "norms of atoms");
        DeviceMemory norms = work.room((long) problems.length * m, Double.BYTES, "norms of atoms");
        work.clear(norms);
        double epsilon = schedule.epsilon();
        for (int step = 0; step < schedule.steps(); step++) {
            work.launchBlocks(
                    MODULE,
                    "support_solve_" + version,
                    blocks,
                    THREADS,
                    atoms,
                    systems,
                    q,
                    m,
                    y,
                    first,
                    weight,
                    lists,
                    count,
                    schedule.ridge() / q,
                    gram,
                    partial);
            work.launchBlocks(
                    MODULE,
                    "support_reweigh",
                    problems.length,
                    THREADS,
                    systems,
                    m,
                    partial,
                    schedule.exponent(),
                    epsilon,
                    version == 0 ? -1.0 : FLOOR,
                    norms,
                    weight,
                    lists,
                    count);
            epsilon = Math.max(epsilon * schedule.decay(), schedule.leastEpsilon());
        }
        work.get(norms, 0, result);
    }

    /** E × m × q. */
    private static double[] byAtom(Dictionary dictionary) {
        int q = dictionary.equations();
        int m = dictionary.atoms();
        double[] result = new double[dictionary.values().length];
        for (int e = 0; e < dictionary.systems(); e++) {
            for (int i = 0; i < q; i++) {
                for (int a = 0; a < m; a++) {
                    result[(e * m + a) * q + i] = dictionary.values()[(e * q + i) * m + a];
                }
            }
        }
        return result;
    }
}
