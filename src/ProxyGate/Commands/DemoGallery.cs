using System.Text;
using ProxyGate.Gateway.Pages;
using ProxyGate.Output;
using ProxyGate.Simulation.Apps;

namespace ProxyGate.Commands;

/// <summary>The page of every cause: served by the demo's app, or written into a folder.</summary>
internal static class DemoGallery
{
    /// <summary>Where the demo shows the list.</summary>
    public const string Path = "/gallery/";

    /// <summary>What a page brings of its answer; the rest belongs to the answer of a real failure.</summary>
    private static readonly string[] s_kept = ["Content-Security-Policy", "ProxyGate-Failure", "Referrer-Policy"];

    /// <summary>By their path, the list first. The failure's id stays in the header: a visitor's page that waits for the app then goes on waiting.</summary>
    public static async Task<IReadOnlyDictionary<string, SamplePage>> PagesAsync()
    {
        var gallery = await PageGallery.RenderAsync();
        var pages = new Dictionary<string, SamplePage> { [Path] = new(Encoding.UTF8.GetBytes(GalleryIndex.Write(gallery)), []) };
        foreach (var page in gallery.Where(p => !p.Body.IsEmpty))
            pages[Path + GalleryIndex.PathOf(page)] = new SamplePage(page.Body, [.. page.Fields.Where(f => s_kept.Contains(f.Key))]);
        return pages;
    }

    public static async Task<int> WriteAsync(string folder, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        try
        {
            var gallery = await PageGallery.RenderAsync();
            foreach (var view in (string[])["operator", "public"]) Directory.CreateDirectory(System.IO.Path.Combine(folder, view));
            await File.WriteAllTextAsync(System.IO.Path.Combine(folder, "index.html"), GalleryIndex.Write(gallery), cancellationToken);
            var written = 0;
            foreach (var page in gallery.Where(p => !p.Body.IsEmpty))
            {
                await File.WriteAllBytesAsync(System.IO.Path.Combine(folder, GalleryIndex.PathOf(page)), page.Body, cancellationToken);
                written++;
            }

            await output.WriteLineAsync($"{written} pages, listed in {System.IO.Path.Combine(folder, "index.html")}");
            return ExitCode.Fine;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync($"The gallery could not be written: {e.Message}");
            return ExitCode.CouldNotRun;
        }
    }
}
