namespace ProxyGate.Diagnostics.Attempts;

/// <summary>A destination that was out of use when the request came, and why.</summary>
/// <param name="Destination">Its id in the configuration.</param>
/// <param name="Url">Its configured address.</param>
/// <param name="Cause">What the failed checks or requests met, by its id.</param>
/// <param name="Words">The same in one sentence with the real values. Hostile input: it may hold what the destination sent.</param>
/// <param name="ForMs">How long it had been out of use.</param>
/// <param name="ByRequests">Whether failing requests told it; otherwise a health check did.</param>
/// <param name="Status">The status a health check got, when that was the reason.</param>
public sealed record UnhealthyDestination(string Destination, string Url, string Cause, string Words, double ForMs, bool ByRequests, int? Status);
