using System.Text.Json.Serialization;
using ProxyGate.Gateway.Incidents.Reading;

namespace ProxyGate.Gateway.Incidents.Storing;

/// <summary>The parts of an incident that are stored as JSON, in code made when this is built: the natively compiled program has no other.</summary>
[JsonSerializable(typeof(IReadOnlyList<Outage>))]
[JsonSerializable(typeof(Outage[]))]
[JsonSerializable(typeof(Affected))]
internal sealed partial class StoredJson : JsonSerializerContext;
