package leakmark.benchmarks.compare;

import java.util.List;
import leakmark.reports.result.Result;

/** Measures cells in forks, one of each side's. */
interface Forks {
    /** A cell of a side. */
    record Fork(Program side, ComparedCell cell) {}

    /**
     * Forks that are alive at the same time and measure in turn, an iteration each, in this order: what a shared machine does
     * to one of them it does to its neighbours.
     *
     * @param rehearsal true to run them as briefly as can be, not to be counted
     * @return for each a result with one round; ERROR if it could not be measured
     */
    List<Result> run(List<Fork> forks, boolean rehearsal);
}
