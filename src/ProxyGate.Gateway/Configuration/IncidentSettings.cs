using System.Security.Cryptography;
using System.Text;
using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Gateway.Configuration;

/// <summary>Where incidents are kept, how long, and who is told of them.</summary>
internal sealed record IncidentSettings
{
    /// <summary><c>sqlite</c>, <c>postgres</c> or <c>memory</c>.</summary>
    public string Store { get; init; } = "sqlite";

    /// <summary>The database of <c>sqlite</c>.</summary>
    public string File { get; init; } = "data/incidents.db";

    /// <summary>The server of <c>postgres</c>, in Npgsql's words.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>The name this gateway's incidents carry; absent: the machine's name.</summary>
    public string? Gateway { get; init; }

    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(30);

    public long MaxSize { get; init; } = 256 * 1024 * 1024;

    public IReadOnlyList<WebhookSettings> Webhooks { get; init; } = [];

    /// <summary>A list equals another by what is in it, so that a reload sees whether something changed.</summary>
    public bool Equals(IncidentSettings? other) =>
        other is not null && Store == other.Store && File == other.File && ConnectionString == other.ConnectionString && Gateway == other.Gateway && MaxAge == other.MaxAge
        && MaxSize == other.MaxSize && Webhooks.SequenceEqual(other.Webhooks);

    public override int GetHashCode() => HashCode.Combine(Store, File, ConnectionString, Gateway, MaxAge, MaxSize, Webhooks.Count);
}

/// <summary>Whom to tell of incidents, and of which moments.</summary>
internal sealed record WebhookSettings
{
    public required string Url { get; init; }

    /// <summary>Signs what is sent.</summary>
    public required string Secret { get; init; }

    public IncidentMoments On { get; init; } = IncidentMoments.All;

    /// <summary>For people: the URL without what may be secret in it.</summary>
    public string Name => Uri.TryCreate(Url, UriKind.Absolute, out var url) ? url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped) : "";

    /// <summary>Tells it from others where its URL, which may hold a secret, is not to be written down.</summary>
    public string Key => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Url)));

    public bool Wants(IncidentMoment moment) => moment switch
    {
        IncidentMoment.Opened => On.HasFlag(IncidentMoments.Opened),
        IncidentMoment.Worsened => On.HasFlag(IncidentMoments.Worsened),
        _ => On.HasFlag(IncidentMoments.Recovered),
    };
}

[Flags]
internal enum IncidentMoments
{
    None = 0,
    Opened = 1,
    Worsened = 2,
    Recovered = 4,
    All = Opened | Worsened | Recovered,
}
