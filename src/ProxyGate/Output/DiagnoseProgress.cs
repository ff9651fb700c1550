using System.Text;
using ProxyGate.Diagnostics.Events;
using Spectre.Console;

namespace ProxyGate.Output;

/// <summary>Shows that a look is under way, on a terminal; what is said meanwhile goes above it. Elsewhere lines just follow each other.</summary>
internal sealed class DiagnoseProgress(TextWriter output)
{
    private const string Erase = "\r\u001b[K", Dim = "\u001b[2m", Plain = "\u001b[0m";
    private static readonly Spinner s_spinner = Spinner.Known.Dots;

    public async Task<T> RunAsync<T>(string name, Func<PageText, Task<T>> look)
    {
        if (!PageText.IsTerminal(output)) return await look(PageText.For(output));
        var capabilities = AnsiConsole.Profile.Capabilities;
        if (!capabilities.Interactive || !capabilities.Ansi) return await look(PageText.For(output));
        var frames = capabilities.Unicode ? s_spinner.Frames : Spinner.Known.Line.Frames;
        var colour = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        var title = HostileText.Line($"looking at {name}", Math.Max(10, Math.Min(Console.WindowWidth - 6, 70)));
        await using var above = new Above(output);
        var turns = 0;
        await using var turning = new Timer(
            _ => above.Show($"{Erase}{(colour ? Dim : "")}{frames[turns++ % frames.Count]} {title}{(colour ? Plain : "")}"), null, s_spinner.Interval, s_spinner.Interval);
        return await look(PageText.For(output, above));
    }

    /// <summary>Takes the moving line away for each whole line that is said; it comes back by itself.</summary>
    private sealed class Above(TextWriter output) : TextWriter
    {
        private readonly Lock _lock = new();
        private readonly StringBuilder _line = new();
        private bool _ended;

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value)
        {
            lock (_lock)
            {
                _line.Append(value);
                if (value != '\n') return;
                output.Write(Erase + _line);
                output.Flush();
                _line.Clear();
            }
        }

        public void Show(string moving)
        {
            lock (_lock)
            {
                if (_ended) return;
                output.Write(moving);
                output.Flush();
            }
        }

        public override ValueTask DisposeAsync()
        {
            lock (_lock)
            {
                if (!_ended) output.Write(Erase);
                _ended = true;
            }

            return base.DisposeAsync();
        }
    }
}
