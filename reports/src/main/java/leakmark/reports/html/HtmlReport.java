package leakmark.reports.html;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import java.io.IOException;
import java.nio.file.Path;
import leakmark.reports.history.History;
import leakmark.reports.result.AtomicFile;
import leakmark.reports.result.ResultFile;
import org.jspecify.annotations.Nullable;

/** The report as one HTML file that needs no network and no script. */
public final class HtmlReport {
    private static final TemplateEngine ENGINE = TemplateEngine.createPrecompiled(
            null, ContentType.Html, HtmlReport.class.getClassLoader(), HtmlReport.class.getPackageName());

    private HtmlReport() {}

    /** Writes the report, whole or not at all. */
    public static void write(ResultFile file, Path path) throws IOException {
        write(file, null, path);
    }

    /** Writes the report with a page on the history before it, if there is one. */
    public static void write(ResultFile file, @Nullable History history, Path path) throws IOException {
        AtomicFile.write(path, render(file, history));
    }

    /** Writes the page of a history, whole or not at all. */
    public static void write(History history, Path path) throws IOException {
        AtomicFile.write(path, render(history));
    }

    /** The page of a history. */
    public static String render(History history) {
        StringOutput output = new StringOutput();
        ENGINE.render("history.jte", history, output);
        return output.toString();
    }

    /** The report's text. */
    public static String render(ResultFile file) {
        return render(file, null);
    }

    /** The same with a page on the history before it, if there is one. */
    static String render(ResultFile file, @Nullable History history) {
        StringOutput output = new StringOutput();
        ENGINE.render("report.jte", Page.of(file, history), output);
        return output.toString();
    }
}
