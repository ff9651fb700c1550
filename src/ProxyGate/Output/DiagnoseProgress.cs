using System.Text;
using ProxyGate.Diagnostics.Events;
using Spectre.Console;

namespace ProxyGate.Output;

/// <summary>Shows that a look is under way, on a terminal; what is said meanwhile goes above it. Elsewhere lines just follow each other.</summary>
internal sealed class DiagnoseProgress(TextWriter output)
{
    public async Task<T> RunAsync<T>(string name, Func<PageText, Task<T>> look)
    {
        if (!PageText.IsTerminal(output)) return await look(PageText.For(output));
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        if (!console.Profile.Capabilities.Interactive || !console.Profile.Capabilities.Ansi) return await look(PageText.For(output));
        return await console.Status().Spinner(Spinner.Known.Dots).StartAsync(
            $"[grey]looking at {Markup.Escape(HostileText.Line(name, 60))}[/]",
            async _ =>
            {
                await using var above = new Above(console);
                return await look(PageText.For(output, above));
            });
    }

    /// <summary>Hands whole lines to the console, which puts them above what moves.</summary>
    private sealed class Above(IAnsiConsole console) : TextWriter
    {
        private readonly StringBuilder _line = new();

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value)
        {
            _line.Append(value);
            if (value != '\n') return;
            console.Write(new ControlCode(_line.ToString()));
            _line.Clear();
        }
    }
}
