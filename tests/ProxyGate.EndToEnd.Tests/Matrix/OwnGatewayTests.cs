using ProxyGate.Simulation;

namespace ProxyGate.EndToEnd.Tests.Matrix;

/// <summary>Every fault made of a setting of the gateway as a whole, each behind a gateway of its own.</summary>
public sealed class OwnGatewayTests
{
    public static TheoryData<string> Faults() => [.. FaultCatalogue.All.Where(f => f is { RequiresNamespace: false, RequiresOwnGateway: true }).Select(f => f.Id)];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Fault_comes_out_with_its_cause(string id)
    {
        var fault = FaultCatalogue.Find(id)!;
        var apps = new Dictionary<string, (string, string)>();
        await using var stand = await FaultStand.StartAsync([fault], FaultTimeouts.Brief, inNamespace: false, apps, TestContext.Current.CancellationToken);
        Assert.SkipWhen(stand.Left.TryGetValue(id, out var reason), $"{id} cannot run here: {reason}");
        await Verdicts.AssertAsync(stand.Gateway, fault, "application/problem+json", TestContext.Current.CancellationToken);
        await Verdicts.AssertAsync(stand.Gateway, fault, "text/html", TestContext.Current.CancellationToken);
    }
}
