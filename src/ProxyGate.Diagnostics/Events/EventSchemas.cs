namespace ProxyGate.Diagnostics.Events;

/// <summary>The JSON Schemas (draft-07) of the event log's lines, as they are shipped.</summary>
public static class EventSchemas
{
    /// <summary>The schema of <c>proxygate.failure/1</c>.</summary>
    public static string Failure => Read("proxygate.failure.1.schema.json");

    /// <summary>The schema of <c>proxygate.dropped/1</c>: the line that says how many events could not be written.</summary>
    public static string Dropped => Read("proxygate.dropped.1.schema.json");

    /// <summary>The schema of <c>proxygate.finding/1</c>: what a look after a failure found.</summary>
    public static string Finding => Read("proxygate.finding.1.schema.json");

    /// <summary>The schema of <c>proxygate.recovery/1</c>: the end of an outage.</summary>
    public static string Recovery => Read("proxygate.recovery.1.schema.json");

    /// <summary>The schema of <c>proxygate.incident/1</c>: the body of a webhook.</summary>
    public static string Incident => Read("proxygate.incident.1.schema.json");

    private static string Read(string name)
    {
        using var stream = typeof(EventSchemas).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The schema {name} is missing from the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
