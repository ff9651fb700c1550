using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Gateway.Incidents.Storing;

/// <summary>
/// How facts are stored as JSON, in code made when this is built: the natively compiled program has no other. That code would set what an older
/// version did not write to nothing, where its type says otherwise (an empty list, 1): those types are begun as the type says, and then filled.
/// </summary>
internal static class StoredFactsJson
{
    private static readonly Dictionary<Type, Func<object>> s_begun = new()
    {
        [typeof(RequestFacts)] = Activator.CreateInstance<RequestFacts>,
        [typeof(OpenCircuitFacts)] = Activator.CreateInstance<OpenCircuitFacts>,
        [typeof(AttemptFacts)] = Activator.CreateInstance<AttemptFacts>,
        [typeof(DnsFacts)] = Activator.CreateInstance<DnsFacts>,
        [typeof(TlsFacts)] = Activator.CreateInstance<TlsFacts>,
        [typeof(CertificateFacts)] = Activator.CreateInstance<CertificateFacts>,
        [typeof(FailureContext)] = Activator.CreateInstance<FailureContext>,
        [typeof(EarlierFailure)] = Activator.CreateInstance<EarlierFailure>,
        [typeof(Hint)] = static () => new Hint(null!, default, null!, null!, null!),
        [typeof(InvestigationFacts)] = Activator.CreateInstance<InvestigationFacts>,
        [typeof(ListenerFacts)] = Activator.CreateInstance<ListenerFacts>,
        [typeof(DeathFacts)] = Activator.CreateInstance<DeathFacts>,
        [typeof(ServiceFacts)] = Activator.CreateInstance<ServiceFacts>,
        [typeof(PathFacts)] = Activator.CreateInstance<PathFacts>,
    };

    public static readonly JsonSerializerOptions Written = new(StoredFactsTypes.Default.Options) { TypeInfoResolver = StoredFactsTypes.Default.WithAddedModifier(Begin) };

    public static readonly JsonTypeInfo<StoredFailure> Failure = (JsonTypeInfo<StoredFailure>)Written.GetTypeInfo(typeof(StoredFailure));

    public static readonly JsonTypeInfo<InvestigationFacts> Look = (JsonTypeInfo<InvestigationFacts>)Written.GetTypeInfo(typeof(InvestigationFacts));

    private static void Begin(JsonTypeInfo type)
    {
        if (!s_begun.TryGetValue(type.Type, out var begun)) return;
        type.CreateObject = begun;
        foreach (var property in type.Properties)
        {
            if (property.AttributeProvider is PropertyInfo { CanWrite: true } member) property.Set = member.SetValue;
        }
    }
}

[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(StoredFailure))]
[JsonSerializable(typeof(InvestigationFacts))]
internal sealed partial class StoredFactsTypes : JsonSerializerContext;
