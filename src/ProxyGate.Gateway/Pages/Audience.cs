namespace ProxyGate.Gateway.Pages;

/// <summary>For whom an answer is written.</summary>
internal enum Audience
{
    /// <summary>Anybody: plain words and an id, nothing of the inside.</summary>
    Public,
    /// <summary>Whoever runs the gateway: everything that was seen.</summary>
    Operator,
}
