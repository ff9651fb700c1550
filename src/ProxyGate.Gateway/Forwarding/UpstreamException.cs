namespace ProxyGate.Gateway.Forwarding;

/// <summary>
/// An attempt failed; the facts are on it. Thrown only because YARP's forwarder learns of a failure by exception: no stack is worth
/// keeping and no text is ever read from it.
/// </summary>
internal sealed class UpstreamException : HttpRequestException
{
    public UpstreamException(Attempt attempt)
        : base("The attempt failed; its facts are recorded.") => Attempt = attempt;

    public Attempt Attempt { get; }
}

/// <summary>The upstream's answer broke off while its body or tunnel was read.</summary>
internal sealed class UpstreamBodyException : IOException
{
    public UpstreamBodyException(Attempt attempt)
        : base("The answer broke off; its facts are recorded.") => Attempt = attempt;

    public Attempt Attempt { get; }
}
