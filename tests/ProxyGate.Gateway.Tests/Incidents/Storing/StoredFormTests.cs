using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Examples;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Gateway.Incidents.Reading;
using ProxyGate.Gateway.Incidents.Storing;
using ProxyGate.Tests.Events;

namespace ProxyGate.Gateway.Tests.Incidents.Storing;

/// <summary>The form in which things are stored is the one that reflection gives them: it was written so first, and stores of then are still read.</summary>
public sealed class StoredFormTests
{
    private static readonly JsonSerializerOptions s_reflected = new()
    {
        Converters = { new JsonStringEnumConverter() },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private static readonly JsonSerializerOptions s_whole = new(s_reflected) { DefaultIgnoreCondition = JsonIgnoreCondition.Never };

    public static TheoryData<string> Causes => [.. ExampleFailures.All.Keys];

    public static TheoryData<Type> Types => [.. Graph(StoredFactsJson.Failure, []).Union(Graph(StoredFactsJson.Look, [])).Where(t => t.Kind == JsonTypeInfoKind.Object).Select(t => t.Type)];

    [Theory]
    [MemberData(nameof(Causes))]
    public void A_failure_is_written_as_ever(string cause)
    {
        var facts = ExampleFailures.All[cause];
        var failure = Classifier.Classify(facts);
        var diagnosis = Explainer.Explain(facts, failure, SomeFailure.Context("x"));
        var e = SomeFailure.Event() with
        {
            Request = facts.Request,
            Attempts = facts.Attempts,
            Diagnosis = Explainer.Explain(facts, failure, SomeFailure.Context("x") with { Before = [EarlierFailure.Of("a", SomeFailure.Time, diagnosis, false)] }),
        };
        Assert.Equal(JsonSerializer.Serialize(new StoredFailure(e.TraceId, e.SpanId, e.Request, e.Attempts, e.Diagnosis.Context), s_reflected), StoredFacts.Write(e));
    }

    [Fact]
    public void Hostile_facts_are_written_as_ever()
    {
        var e = SomeFailure.Hostile("a\0\ud800b\r\n<'\u2028");
        Assert.Equal(JsonSerializer.Serialize(new StoredFailure(e.TraceId, e.SpanId, e.Request, e.Attempts, e.Diagnosis.Context), s_reflected), StoredFacts.Write(e));
    }

    [Fact]
    public void A_look_is_written_as_ever()
    {
        var process = new ProcessFacts { Pid = 7, Name = "app", State = 'S', StartedAt = SomeFailure.Time };
        var look = new InvestigationFacts
        {
            Destination = "app1",
            Address = "127.0.0.1:5000",
            At = SomeFailure.Time,
            DurationMs = double.NaN,
            Listener = new ListenerFacts { Listening = true, Others = [new ListenerSeen("127.0.0.1:5001", process) { Likeness = ListenerLikeness.NeighbouringPort }] },
            Death = new DeathFacts { Source = "journal", LastLogLines = ["x"] },
            Workers = new WorkerFacts([1, 2], [process]),
            Service = new ServiceFacts { Connected = true, Banner = new byte[] { 1, 2, 3 } },
            Path = new PathFacts { Icmp = new IcmpSeen(3, 1, "host unreachable", "10.0.0.1", IcmpSender.Router), Hops = [new HopSeen(1, "10.0.0.1", "icmp")] },
            Names = [new NameAnswerFacts("10.0.0.2", "A", NameOutcome.NxDomain, [], 1.5) { TtlSeconds = 3 }],
            Changes = [new ChangeFacts(SomeFailure.Time, ChangeKind.ConfigReloaded, null, "x")],
        };
        var written = StoredFacts.Write(look);
        Assert.Equal(JsonSerializer.Serialize(look, s_reflected), written);
        Assert.Equal(written, StoredFacts.Write(StoredFacts.ReadLook(written)!));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void What_an_older_version_did_not_write_is_what_its_type_says(Type type)
    {
        var info = StoredFactsJson.Written.GetTypeInfo(type);
        var oldest = new JsonObject(info.Properties.Where(p => p.IsRequired).Select(p => KeyValuePair.Create(p.Name, Some(p.PropertyType)))).ToJsonString();
        Assert.Equal(JsonSerializer.Serialize(JsonSerializer.Deserialize(oldest, type, s_reflected), s_whole), JsonSerializer.Serialize(JsonSerializer.Deserialize(oldest, info), s_whole));
    }

    [Fact]
    public void The_parts_of_an_incident_are_written_as_ever_and_older_ones_read()
    {
        Outage[] outages = [new(SomeFailure.Time, null, 3), new(SomeFailure.Time, SomeFailure.Time.AddMinutes(1))];
        var paths = new Affected([new CountedName("/<a>", 2)], 1);
        Assert.Equal(JsonSerializer.Serialize(outages), JsonSerializer.Serialize(outages, StoredJson.Default.IReadOnlyListOutage));
        Assert.Equal(JsonSerializer.Serialize(paths), JsonSerializer.Serialize(paths, StoredJson.Default.Affected));
        Assert.Equal(outages, JsonSerializer.Deserialize(JsonSerializer.Serialize(outages), StoredJson.Default.OutageArray)!);
        Assert.Equal([new Outage(SomeFailure.Time, null)], JsonSerializer.Deserialize($$"""[{"From":"{{SomeFailure.Time:O}}"}]""", StoredJson.Default.OutageArray)!);
    }

    private static HashSet<JsonTypeInfo> Graph(JsonTypeInfo type, HashSet<JsonTypeInfo> seen)
    {
        if (!seen.Add(type)) return seen;
        foreach (var next in type.Properties.Select(p => p.PropertyType).Append(type.ElementType).OfType<Type>()) Graph(StoredFactsJson.Written.GetTypeInfo(next), seen);
        return seen;
    }

    private static JsonNode? Some(Type type) =>
        type == typeof(string) ? "x"
        : type == typeof(DateTimeOffset) ? "2026-01-02T03:04:05+00:00"
        : type == typeof(bool) ? true
        : type.IsPrimitive ? 1
        : type.IsEnum ? Enum.GetNames(type)[^1]
        : throw new NotSupportedException($"A required {type} is new here.");
}
