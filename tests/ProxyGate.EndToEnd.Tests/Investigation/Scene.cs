using System.Text.Json.Nodes;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Investigation;

/// <summary>An upstream with a fault: where it is, how it breaks, and what was started for it.</summary>
internal sealed class Scene : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _started = [];

    /// <summary>The destination's address in the gateway's configuration.</summary>
    public required string Upstream { get; init; }

    /// <summary>What goes wrong after a first good answer; absent when it is wrong from the start.</summary>
    public Func<Task>? Break { get; init; }

    /// <summary>What happens to a request that is under way.</summary>
    public Func<Task>? BreakInRequest { get; init; }

    /// <summary>Settings this fault needs.</summary>
    public Action<JsonObject>? Change { get; init; }

    /// <summary>A command the gateway is run under.</summary>
    public IReadOnlyList<string>? RunUnder { get; init; }

    /// <summary>What the first hint's evidence must say, for it is so: process numbers, ports, signals, lines of a log.</summary>
    public Func<string[]> Truth { get; init; } = () => [];

    /// <summary>Does what the first hint says; a request must then be answered well. Absent where a person would have to change the app.</summary>
    public Func<GatewayInFront, IReadOnlyList<string>, Task>? Mend { get; init; }

    public Scene With(params IAsyncDisposable[] started)
    {
        _started.AddRange(started);
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in Enumerable.Reverse(_started)) await one.DisposeAsync();
    }
}

/// <summary>One row of the table: a fault made for real, and what ProxyGate must make of it.</summary>
/// <param name="Fault">In a few words.</param>
/// <param name="Causes">What the first request's event may name as its cause.</param>
/// <param name="Refined">What the look makes of it; empty when the cause stays.</param>
/// <param name="Hint">The root cause that must come first.</param>
/// <param name="Confidence">How sure it must be: no less, and no more.</param>
/// <param name="Arrange">Makes the fault, in a folder of its own.</param>
internal sealed record RootCause(string Fault, string[] Causes, string Refined, string Hint, string Confidence, Func<TestFolder, Task<Scene>> Arrange)
{
    /// <summary>How sure it may be of the next failure, where what was seen was of the first only.</summary>
    public string? Later { get; init; }

    /// <summary>Root causes that must not be named as more than possible, for there is nothing to show for them.</summary>
    public string[] Never { get; init; } = [];
}
