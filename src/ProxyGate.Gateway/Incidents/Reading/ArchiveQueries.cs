namespace ProxyGate.Gateway.Incidents.Reading;

/// <summary>Which incidents. What is absent says nothing against one.</summary>
internal sealed record IncidentFilter
{
    public bool OpenOnly { get; init; }

    public string? Gateway { get; init; }

    public string? Route { get; init; }

    public string? Destination { get; init; }

    public string? Cause { get; init; }

    /// <summary>Those that failed at or after this moment.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Those that began before this moment.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>At most <see cref="ArchivePage.Largest"/>.</summary>
    public int Limit { get; init; } = ArchivePage.Usual;

    /// <summary>The <see cref="ArchivePage{T}.Next"/> of the page before; one that is not ours is taken as absent.</summary>
    public string? Cursor { get; init; }
}

/// <summary>Which failures. What is absent says nothing against one.</summary>
internal sealed record FailureFilter
{
    public string? Incident { get; init; }

    public string? Gateway { get; init; }

    public string? Route { get; init; }

    public string? Destination { get; init; }

    public string? Cause { get; init; }

    /// <summary>In the contract's word, e.g. <c>upstream_process</c>.</summary>
    public string? Party { get; init; }

    /// <summary>Whether a later attempt answered the client well.</summary>
    public bool? Saved { get; init; }

    public DateTimeOffset? From { get; init; }

    /// <summary>Before this moment.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Found anywhere in id, incident, cause, route, destination, method, host, path, client address or sentence, upper and lower case alike.</summary>
    public string? Text { get; init; }

    public int Limit { get; init; } = ArchivePage.Usual;

    public string? Cursor { get; init; }
}

/// <summary>The failures of a stretch of time, in steps of whole minutes.</summary>
internal sealed record CountQuery
{
    public required DateTimeOffset From { get; init; }

    public required DateTimeOffset To { get; init; }

    /// <summary>Rounded up to a whole minute.</summary>
    public TimeSpan Step { get; init; } = TimeSpan.FromMinutes(1);

    public string? Route { get; init; }

    public string? Destination { get; init; }

    public string? Gateway { get; init; }
}

/// <summary>One page of a list.</summary>
/// <param name="Items">In the list's order.</param>
/// <param name="Next">Asks for the page behind this one; absent on the last.</param>
internal sealed record ArchivePage<T>(IReadOnlyList<T> Items, string? Next);

internal static class ArchivePage
{
    public const int Usual = 50;
    public const int Largest = 200;
}
