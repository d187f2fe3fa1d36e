package leakmark.benchmarks.cli;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;

/**
 * A progress bar on stderr for what takes longer than two seconds. Where stderr is no terminal, such as a log, a line each
 * minute.
 */
public final class Progress implements AutoCloseable {
    private static final long PATIENCE_MILLISECONDS = 2000;
    private static final long LOG_MILLISECONDS = 60_000;
    private static final long UNKNOWN = -1;
    private static final int COLUMNS = 80;

    private static final ScheduledExecutorService CLOCK = Executors.newSingleThreadScheduledExecutor(body -> {
        Thread thread = new Thread(body, "progress");
        thread.setDaemon(true);
        return thread;
    });

    private final String task;
    private final long steps;
    private final ScheduledFuture<?> patience;
    private @Nullable ProgressBar bar;
    private long minutes;
    private long done;
    private boolean closed;

    private Progress(String task, long steps) {
        this.task = task;
        this.steps = steps;
        this.patience = Terminal.error()
                ? CLOCK.schedule(this::show, PATIENCE_MILLISECONDS, TimeUnit.MILLISECONDS)
                : CLOCK.scheduleAtFixedRate(this::log, LOG_MILLISECONDS, LOG_MILLISECONDS, TimeUnit.MILLISECONDS);
    }

    /** Work of a known number of steps. */
    public static Progress of(String task, long steps) {
        return new Progress(task, steps);
    }

    /** Work that cannot say how far it is. */
    public static <T> T during(String task, Supplier<T> work) {
        Progress progress = new Progress(task, UNKNOWN);
        try {
            return work.get();
        } finally {
            progress.close();
        }
    }

    /** One step is done. */
    public synchronized void step() {
        done++;
        if (bar != null) {
            bar.stepTo(done);
        }
    }

    private synchronized void show() {
        if (!closed) {
            ProgressBar shown = new ProgressBarBuilder()
                    .setTaskName(task)
                    .setInitialMax(steps)
                    .setConsumer(new ConsoleProgressBarConsumer(System.err, COLUMNS))
                    .clearDisplayOnFinish()
                    .build();
            shown.stepTo(done);
            bar = shown;
        }
    }

    private synchronized void log() {
        if (!closed) {
            minutes++;
            System.err.println(task + ": " + (steps == UNKNOWN ? "" : done + " of " + steps + ", ") + minutes + " min");
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        patience.cancel(false);
        if (bar != null) {
            bar.close();
        }
    }
}
