using System.Text.Json;
using System.Text.Json.Serialization;
using ProxyGate.Simulation;

namespace ProxyGate.Output;

/// <summary>The faults that can be simulated, for programs. Written by code made when this is built: the natively compiled program has no other.</summary>
internal static class FaultListJson
{
    public static string Of(IEnumerable<Fault> faults, FaultEnvironment environment) => JsonSerializer.Serialize(
        [.. faults.Select(f => new ListedFault(
            f.Id, f.Family, f.Summary, new ExpectedOfFault(f.Expect.Cause, f.Expect.Stage, f.Expect.Party, f.Expect.Status, f.Expect.ProxyError, f.Expect.ClientSees.ToString()),
            f.RequiresNamespace, f.RequiresOwnGateway, f.CannotRunBecause(environment)))],
        FaultListJsonTypes.Default.ListedFaultArray);
}

internal sealed record ListedFault(
    string Id, string Family, string Summary, ExpectedOfFault Expect, bool RequiresNamespace, bool RequiresOwnGateway, string? CannotRunBecause);

internal sealed record ExpectedOfFault(string? Cause, string Stage, string Party, int Status, string ProxyError, string ClientSees);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, GenerationMode = JsonSourceGenerationMode.Metadata, WriteIndented = true)]
[JsonSerializable(typeof(ListedFault[]))]
internal sealed partial class FaultListJsonTypes : JsonSerializerContext;
