namespace ProxyGate.Simulation;

/// <summary>What a client has to send, and how it has to behave, to meet a fault.</summary>
public sealed record FaultRequest
{
    public static FaultRequest Get { get; } = new();

    public string Method { get; init; } = "GET";

    /// <summary>Path below the fault's own prefix.</summary>
    public string Path { get; init; } = "/";

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Length of the request body in bytes; 0: none.</summary>
    public long BodyLength { get; init; }

    /// <summary>Whether the body is sent chunked instead of with a Content-Length.</summary>
    public bool Chunked { get; init; }

    /// <summary>Whether the request asks for a WebSocket (RFC 6455).</summary>
    public bool WebSocket { get; init; }

    /// <summary>How many requests to the same fault have to be answered first, so that its connection is a reused one, or its failures are counted.</summary>
    public int WarmUps { get; init; }

    /// <summary>How long the client rests between the warm-ups and the request itself.</summary>
    public TimeSpan Rest { get; init; }

    /// <summary>How many more requests to the same fault must be under way, on connections of their own, while this one is made.</summary>
    public int Crowd { get; init; }

    public ClientBehaviour Behaviour { get; init; }

    /// <summary>How long after its last byte an aborting client goes away: time enough for a busy gateway to have read the request.</summary>
    public TimeSpan After { get; init; } = TimeSpan.FromMilliseconds(500);

    internal static FaultRequest Post(long bodyLength) => new() { Method = "POST", BodyLength = bodyLength };
}

/// <summary>How the client behaves.</summary>
public enum ClientBehaviour
{
    Normal,

    /// <summary>Goes away while it waits for the answer.</summary>
    AbortWaiting,

    /// <summary>Goes away after the first bytes of the answer.</summary>
    AbortDuringAnswer,

    /// <summary>Sends half of its body and goes away.</summary>
    AbortUpload,

    /// <summary>Sends half of its body and then nothing more.</summary>
    StallUpload,

    /// <summary>Sends a chunked body with a broken chunk size.</summary>
    BadChunk,

    /// <summary>Takes nothing of the answer for <see cref="FaultRequest.After"/>, and then what is there.</summary>
    StallAnswer,

    /// <summary>Sends more header bytes than a gateway admits.</summary>
    OversizedHead,

    /// <summary>Sends a request line that is none.</summary>
    MalformedRequestLine,

    /// <summary>Sends half of its head and then nothing more.</summary>
    StallHead,
}
