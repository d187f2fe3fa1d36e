package leakmark.benchmarks.compare;

import leakmark.reports.result.Result;

/** Measures a cell in one fork of a side. */
interface Forks {
    /**
     * One fork.
     *
     * @param rehearsal true to run it as briefly as can be, not to be counted
     * @return a result with one round; ERROR if it could not be measured
     */
    Result run(Program side, ComparedCell cell, boolean rehearsal);
}
