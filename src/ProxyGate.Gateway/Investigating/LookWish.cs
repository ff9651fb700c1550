using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Gateway.Investigating;

/// <summary>A look that somebody asked for, and how it does.</summary>
internal sealed class LookWish(DateTimeOffset askedAt)
{
    private volatile object _stands = LookState.Waiting;

    public DateTimeOffset AskedAt => askedAt;

    public LookState State => _stands is LookState state ? state : _stands is FindingEvent ? LookState.Done : LookState.Failed;

    /// <summary>What it found; present when it is done.</summary>
    public FindingEvent? Finding => _stands as FindingEvent;

    /// <summary>Why it was not taken, as a sentence; present when it failed.</summary>
    public string? Why => _stands as string;

    public static LookWish Refused(DateTimeOffset askedAt, string why)
    {
        var wish = new LookWish(askedAt);
        wish.Fail(why);
        return wish;
    }

    public void Begin() => _stands = LookState.Looking;

    public void Complete(FindingEvent finding) => _stands = finding;

    public void Fail(string why) => _stands = why;
}

internal enum LookState
{
    Waiting,
    Looking,
    Done,
    Failed,
}
