using ProxyGate.Simulation;

namespace ProxyGate.EndToEnd.Tests.Matrix;

/// <summary>Every fault through the built gateway, one after the other.</summary>
public sealed class MatrixTests(MatrixGateway matrix) : IClassFixture<MatrixGateway>
{
    public static TheoryData<string> Faults() => [.. FaultCatalogue.All.Where(f => f is { RequiresNamespace: false, RequiresOwnGateway: false }).Select(f => f.Id)];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Fault_comes_out_with_its_cause(string id)
    {
        Assert.SkipWhen(matrix.Left.TryGetValue(id, out var reason), $"{id} cannot run here: {reason}");
        var fault = FaultCatalogue.Find(id)!;
        await Verdicts.AssertAsync(matrix.Gateway, fault, "application/problem+json", TestContext.Current.CancellationToken);
        if (fault.Expect.Accepted.Any(e => e.Cause is null) || fault.Expect.ClientSees != ClientSees.Page || fault.Request.Behaviour != ClientBehaviour.Normal) return;
        await matrix.Stand.AliveAsync(fault, TestContext.Current.CancellationToken);
        await Verdicts.AssertAsync(matrix.Gateway, fault, "text/html", TestContext.Current.CancellationToken);
    }
}
