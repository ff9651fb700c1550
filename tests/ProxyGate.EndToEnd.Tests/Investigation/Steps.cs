using System.Text.RegularExpressions;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Investigation;

/// <summary>Does what the steps of a hint say, as a person would.</summary>
internal static partial class Steps
{
    /// <summary>"In ProxyGate's configuration, set the address of destination … to …", "Change the address of destination … from … to …".</summary>
    public static Task SetAddressAsync(GatewayInFront gateway, IReadOnlyList<string> steps)
    {
        var address = steps.Select(s => Address().Match(s)).FirstOrDefault(m => m.Success)?.Groups[1].Value;
        Assert.True(address is not null, $"No step sets an address: {string.Join(" | ", steps)}");
        gateway.SetAddress(address);
        return Task.CompletedTask;
    }

    /// <summary>Runs the command that begins so.</summary>
    public static Func<GatewayInFront, IReadOnlyList<string>, Task> Run(string beginning) => async (_, steps) =>
    {
        var command = steps.FirstOrDefault(s => s.TrimStart('#', ' ').StartsWith(beginning, StringComparison.Ordinal));
        Assert.True(command is not null, $"No step begins with {beginning}: {string.Join(" | ", steps)}");
        var (code, output, error) = await Programs.RunAsync("sh", ["-c", command], "/");
        Assert.True(code == 0, $"{command}: {output}{error}");
    };

    /// <summary>"Start the app again. It was started as: …"</summary>
    public static Func<GatewayInFront, IReadOnlyList<string>, Task> StartAgain(TestFolder folder, int port, Action<ServerProcess> started) => async (_, steps) =>
    {
        var command = steps.Select(s => Started().Match(s)).FirstOrDefault(m => m.Success)?.Groups[1].Value;
        Assert.True(command is not null, $"No step says how the app was started: {string.Join(" | ", steps)}");
        var words = command.Split(' ');
        started(await ServerProcess.StartAsync(words[0], words[1..], folder.Path, port));
    };

    /// <summary>The commands that only look must run here and say something.</summary>
    public static async Task ConfirmAsync(IReadOnlyList<string> steps)
    {
        foreach (var command in steps.Where(s => s.StartsWith("ss ", StringComparison.Ordinal) || s.StartsWith("ps ", StringComparison.Ordinal) || s.StartsWith("tail ", StringComparison.Ordinal)))
        {
            var (code, output, error) = await Programs.RunAsync("sh", ["-c", command], "/");
            Assert.True(output.Length > 0 && (code == 0 || command.StartsWith("ps ", StringComparison.Ordinal)), $"{command}: {code} {output}{error}");
        }
    }

    [GeneratedRegex(@"(?:set|Change) the address of destination ""app1"".*? (https?://\S+?)(?:/?\. |$)", RegexOptions.CultureInvariant)]
    private static partial Regex Address();

    [GeneratedRegex(@"It was started as: (.+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Started();
}
