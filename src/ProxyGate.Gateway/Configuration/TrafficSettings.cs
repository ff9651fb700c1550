namespace ProxyGate.Gateway.Configuration;

/// <summary>How the health of a cluster's destinations is judged. When and where to ask stands in YARP's own <c>HealthCheck</c> section.</summary>
internal sealed record HealthSettings
{
    public HealthCheckKind Kind { get; init; } = HealthCheckKind.Http;

    /// <summary>Good checks in a row until a destination is used again.</summary>
    public int Rise { get; init; } = 2;

    /// <summary>Failed checks in a row until it is taken out of use.</summary>
    public int Fall { get; init; } = 2;

    /// <summary>Statuses that count as healthy: <c>200</c>, <c>2xx</c>.</summary>
    public IReadOnlyList<HealthStatus> Status { get; init; } = [new(200, IsClass: true)];

    /// <summary>The service asked for over gRPC; empty: the whole server.</summary>
    public string Service { get; init; } = "";

    /// <summary>How long a destination that has come back takes to get its full share; zero: at once.</summary>
    public TimeSpan SlowStart { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Percentage of usable destinations below which all are used; absent: as YARP's <c>AvailableDestinationsPolicy</c> says.</summary>
    public int? Panic { get; init; }

    /// <summary>How long going down is held against a destination: each time within it doubles the good checks it needs; zero: off.</summary>
    public TimeSpan Damping { get; init; } = TimeSpan.FromMinutes(5);
}

internal enum HealthCheckKind
{
    Http,
    Tcp,
    Grpc,
}

/// <summary>One status a healthy destination answers with, or a class of them.</summary>
internal readonly record struct HealthStatus(int Number, bool IsClass)
{
    public const string Pattern = "^[1-5]([0-9][0-9]|[xX][xX])$";

    public static bool TryParse(string text, out HealthStatus status)
    {
        status = default;
        if (text.Length != 3 || text[0] is < '1' or > '5') return false;
        if (text[1..].Equals("xx", StringComparison.OrdinalIgnoreCase)) status = new HealthStatus((text[0] - '0') * 100, true);
        else if (char.IsAsciiDigit(text[1]) && char.IsAsciiDigit(text[2])) status = new HealthStatus(((text[0] - '0') * 100) + ((text[1] - '0') * 10) + text[2] - '0', false);
        else return false;
        return true;
    }

    public bool Matches(int status) => IsClass ? status / 100 == Number / 100 : status == Number;

    public override string ToString() => IsClass ? $"{Number / 100}xx" : Number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>What the policy <c>ConsistentHash</c> goes by.</summary>
internal sealed record HashSettings
{
    /// <summary>What it keeps together.</summary>
    public HashKey By { get; init; } = HashKey.Address;

    /// <summary>The header field or cookie, where <see cref="By"/> is one.</summary>
    public string Name { get; init; } = "";

    /// <summary>How far above the average a destination's load may be, in percent, before its clients go to the next.</summary>
    public int Bound { get; init; } = 125;
}

internal enum HashKey
{
    Address,
    Header,
    Cookie,
    Path,
}

/// <summary>What becomes of a destination's name.</summary>
internal enum NameUse
{
    /// <summary>As <see cref="All"/> where it has several addresses of one family, otherwise as <see cref="Connect"/>.</summary>
    Auto,

    /// <summary>Each new connection goes to one of its addresses.</summary>
    Connect,

    /// <summary>Each of its addresses is a destination of its own.</summary>
    All,
}

/// <summary>How the gateway stops.</summary>
internal sealed record DrainSettings
{
    /// <summary>How long it still takes everything while <c>/readyz</c> already says no.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.Zero;

    /// <summary>How long what is under way may take after that.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(30);
}
