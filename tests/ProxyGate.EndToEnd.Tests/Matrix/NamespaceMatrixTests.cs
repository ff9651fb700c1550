using ProxyGate.Simulation;

namespace ProxyGate.EndToEnd.Tests.Matrix;

/// <summary>Every fault made of routes, packet filters and a resolver, through the built gateway inside their namespace.</summary>
public sealed class NamespaceMatrixTests(NamespaceGateway matrix) : IClassFixture<NamespaceGateway>
{
    public static TheoryData<string> Faults() => [.. FaultCatalogue.All.Where(f => f.RequiresNamespace).Select(f => f.Id)];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Fault_of_the_network_comes_out_with_its_cause(string id)
    {
        Assert.SkipWhen(matrix.Left.TryGetValue(id, out var reason), $"{id} cannot run here: {reason}");
        var fault = FaultCatalogue.Find(id)!;
        await Verdicts.AssertAsync(matrix.Gateway, fault, "application/problem+json", TestContext.Current.CancellationToken);
        await Verdicts.AssertAsync(matrix.Gateway, fault, "text/html", TestContext.Current.CancellationToken);
    }
}
