namespace ProxyGate.Gateway.Forwarding.Http1;

/// <summary>What can end a request from our side: its client leaves, and the gateway's stop or the limit of the whole request.</summary>
internal readonly record struct RequestEnds(CancellationToken First, CancellationToken Second = default)
{
    public bool HaveCome => First.IsCancellationRequested || Second.IsCancellationRequested;

    public Registration Register(Action<object?> callback, object state) =>
        new(First.UnsafeRegister(callback, state), Second.UnsafeRegister(callback, state));

    /// <summary>The callbacks registered, until they are taken back.</summary>
    internal readonly record struct Registration(CancellationTokenRegistration First, CancellationTokenRegistration Second)
    {
        public void Dispose()
        {
            First.Dispose();
            Second.Dispose();
        }

        public void Unregister()
        {
            First.Unregister();
            Second.Unregister();
        }
    }
}
