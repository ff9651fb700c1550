using System.Text.RegularExpressions;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Commands;

/// <summary><c>proxygate diagnose</c> on a terminal of 80 columns, which <c>script</c> (util-linux) makes.</summary>
public sealed partial class DiagnoseTerminalTests : IDisposable
{
    private const int Columns = 80;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("NO_COLOR= ", true)]
    [InlineData("NO_COLOR=1 ", false)]
    public async Task On_a_terminal_lines_fit_and_colours_are_as_wanted(string environment, bool coloured)
    {
        var script = Programs.Require("script");
        var port = Ports.Free();

        var (code, output, _) = await Programs.RunAsync(
            script, ["-qec", $"stty cols {Columns} rows 24; {environment}TERM=xterm-256color {GatewayProcess.Program} diagnose http://127.0.0.1:{port} --timeout 40s", "/dev/null"], _folder.Path);

        TestContext.Current.TestOutputHelper?.WriteLine(output);
        Assert.Equal(1, code);
        var lines = output.Split('\n').Select(l => Escapes().Replace(l[(l.LastIndexOf("\u001b[K", StringComparison.Ordinal) is >= 0 and var at ? at + 3 : 0)..], "").TrimEnd('\r')).ToList();
        Assert.Contains(lines, l => l.StartsWith("UNHEALTHY: ", StringComparison.Ordinal));
        // Commands are not broken, so that they can be copied.
        Assert.DoesNotContain(lines, l => l.Length >= Columns && !l.Contains("$ ", StringComparison.Ordinal) && !l.StartsWith("      ", StringComparison.Ordinal));
        Assert.Equal(coloured, output.Contains("\u001b[1;31mUNHEALTHY: \u001b[0m", StringComparison.Ordinal));
        if (!coloured) Assert.DoesNotMatch("\u001b\\[[0-9;]+m", output);
    }

    [GeneratedRegex("\u001b\\[[0-9;?]*[A-Za-z]|^\r", RegexOptions.CultureInvariant)]
    private static partial Regex Escapes();
}
