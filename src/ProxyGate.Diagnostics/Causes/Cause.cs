using ProxyGate.Diagnostics.Attempts;

namespace ProxyGate.Diagnostics.Causes;

/// <summary>
/// One thing the gateway can observe going wrong, with the answer it leads to. The id is API: it is never renamed or reused.
/// </summary>
/// <param name="Id">Stable snake_case id.</param>
/// <param name="Stage">The usual stage; a <see cref="Classification.Failure"/> carries the one actually seen.</param>
/// <param name="Party">Who to look at first.</param>
/// <param name="Status">The status sent to the client; 499 is only logged; 0 means "as received" (the app's own status is passed on).</param>
/// <param name="ProxyError">The RFC 9209 section 2.3 error type; empty where the app's own answer is passed on.</param>
/// <param name="Retryable">Whether trying again later can help without anyone changing anything.</param>
/// <param name="RetryAfterSeconds">The value of Retry-After, where waiting can help.</param>
/// <param name="Title">A few plain words, safe for the public.</param>
public sealed record Cause(
    string Id, Stage Stage, Party Party, int Status, string ProxyError, bool Retryable, int? RetryAfterSeconds, string Title);
