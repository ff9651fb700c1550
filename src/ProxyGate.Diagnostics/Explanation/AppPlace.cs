using System.Text.RegularExpressions;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Diagnostics.Explanation;

/// <summary>
/// Where the app runs and what it is called there, as far as it is known: from a look at the host, or from the destination's name, which
/// in Docker and Kubernetes is the container's or service's. What is not known is <see cref="Unknown"/>, and the step before says so.
/// </summary>
internal sealed partial class AppPlace
{
    public const string Unknown = "APP";

    public AppPlace(Destination? destination, InvestigationFacts? investigation)
    {
        Unit = Safe(investigation?.Process?.OwnUnit ?? investigation?.ProcessBefore?.OwnUnit);
        Container = Safe(investigation?.Process?.Container ?? investigation?.ProcessBefore?.Container);
        if (Container is { Length: 64 } id) Container = id[..12];
        if (destination is null || destination.IsUnixSocket || destination.IsLoopback || destination.IsLiteral) return;
        var labels = destination.Host.TrimEnd('.').Split('.');
        if (labels.Length == 1) Service = Safe(labels[0]);
        else if (labels.Length >= 3 && labels[2] == "svc") (Service, Namespace) = (Safe(labels[0]), Safe(labels[1]));
    }

    /// <summary>The systemd unit, when a look saw it.</summary>
    public string? Unit { get; }

    /// <summary>The container, when a look saw it.</summary>
    public string? Container { get; }

    /// <summary>The name of the container or Kubernetes service that the destination's name is.</summary>
    public string? Service { get; }

    public string? Namespace { get; }

    public string UnitName => Unit ?? Unknown;

    public string ContainerName => Container ?? Service ?? Unknown;

    /// <summary>E.g. <c>kubectl -n shop</c>.</summary>
    public string Kubectl => Namespace is null ? "kubectl" : $"kubectl -n {Namespace}";

    public string ServiceName => Service ?? Unknown;

    /// <summary>
    /// The same look in each kind of set-up, Linux first; only the one that applies when it is known. The step asks the question.
    /// </summary>
    public IEnumerable<string> Variants(string question, IEnumerable<string> linux, IEnumerable<string> docker, IEnumerable<string> kubernetes)
    {
        if (Unit is not null)
        {
            yield return Shell.Step(question);
            foreach (var line in linux) yield return line;
            yield break;
        }

        if (Container is not null)
        {
            yield return Shell.Step(question);
            foreach (var line in docker) yield return line;
            yield break;
        }

        foreach (var line in Way($"{question} Linux service", linux)) yield return line;
        foreach (var line in Way("Docker", docker)) yield return line;
        foreach (var line in Way("Kubernetes", kubernetes)) yield return line;
    }

    private static IEnumerable<string> Way(string way, IEnumerable<string> lines)
    {
        var all = lines.ToArray();
        yield return Shell.Step(all.Any(l => Placeholder().IsMatch(l)) ? $"{way} (its name in place of {Unknown}):" : way + ":");
        foreach (var line in all) yield return line;
    }

    /// <summary>Only what can stand in a command as it is: nothing a shell or a program could read as more than a name.</summary>
    private static string? Safe(string? name) => name is { Length: <= 128 } && Name().IsMatch(name) ? name : null;

    [GeneratedRegex(@"(?<=[ /])APP(?= |$)", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9@_.:-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
