namespace ProxyGate.Gateway.Forwarding.Http1;

/// <summary>What can end a request from our side: its client leaves, and the gateway's stop or the limit of the whole request.</summary>
/// <param name="First">The client.</param>
/// <param name="Second">The other.</param>
internal readonly record struct RequestEnds(CancellationToken First, CancellationToken Second = default)
{
    /// <summary>Whether the other is one for all requests, the gateway's stop.</summary>
    public bool SecondIsShared { get; init; }

    public bool HaveCome => First.IsCancellationRequested || Second.IsCancellationRequested;
}

/// <summary>
/// What is to happen at the end of a connection's requests from our side. A cause that all requests share is listened to once, and not for each of them.
/// </summary>
internal struct EndsWatch
{
    private CancellationTokenRegistration _first;
    private CancellationTokenRegistration _second;
    private CancellationToken _shared;

    /// <summary>Called while there is no other request. What has come already comes at once.</summary>
    public void Begin(in RequestEnds ends, Action<object?> callback, object state)
    {
        _first = ends.First.UnsafeRegister(callback, state);
        if (ends.SecondIsShared && ends.Second == _shared)
        {
            if (_shared.IsCancellationRequested) callback(state);
            return;
        }

        _second.Dispose();
        _shared = ends.SecondIsShared ? ends.Second : default;
        _second = ends.Second.UnsafeRegister(callback, state);
    }

    /// <summary>The request is over: when this returns, what ends it has no more effect, but for what all of them share.</summary>
    public void End()
    {
        _first.Dispose();
        if (!_shared.CanBeCanceled) _second.Dispose();
    }

    /// <summary>There will be no request any more.</summary>
    public readonly void Unregister()
    {
        _first.Unregister();
        _second.Unregister();
    }
}
