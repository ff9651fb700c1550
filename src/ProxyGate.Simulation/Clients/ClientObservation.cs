namespace ProxyGate.Simulation.Clients;

/// <summary>What a client saw.</summary>
/// <param name="Status">The status of the final answer; absent when none came.</param>
/// <param name="Fields">The answer's fields.</param>
/// <param name="Body">The body's bytes, decoded from chunks; of a tunnel: what came through it.</param>
/// <param name="End">How the answer ended.</param>
public sealed record ClientObservation(int? Status, IReadOnlyList<KeyValuePair<string, string>> Fields, byte[] Body, AnswerEnd End)
{
    /// <summary>The first field of that name.</summary>
    public string? Field(string name) =>
        Fields.Where(field => field.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(field => field.Value).FirstOrDefault();
}

/// <summary>How an answer ended at the client.</summary>
public enum AnswerEnd
{
    /// <summary>Whole, by its own framing.</summary>
    Complete,

    /// <summary>Cut by a FIN before its end.</summary>
    Closed,

    /// <summary>Cut by an RST.</summary>
    Reset,

    /// <summary>The bytes are no HTTP/1.1 answer.</summary>
    Malformed,

    /// <summary>The client itself went away.</summary>
    ClientLeft,
}
