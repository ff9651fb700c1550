namespace ProxyGate.Gateway.Incidents.Webhooks;

/// <summary>One message for one webhook.</summary>
/// <param name="Delivery">Its id, the same in every try.</param>
/// <param name="Target">Which webhook: <see cref="Configuration.WebhookSettings.Key"/>.</param>
/// <param name="Time">When it was told.</param>
/// <param name="Body">As it is sent; signed anew for each try.</param>
internal sealed record WebhookMessage(string Delivery, string Target, DateTimeOffset Time, byte[] Body);

/// <summary>What the store does not know yet of messages that wait.</summary>
/// <param name="Waiting">New ones.</param>
/// <param name="Settled">The ids of those it has that were delivered or given up.</param>
internal sealed record OutboxChange(IReadOnlyList<WebhookMessage> Waiting, IReadOnlyList<string> Settled)
{
    public static readonly OutboxChange None = new([], []);

    public bool IsEmpty => Waiting.Count == 0 && Settled.Count == 0;

    /// <summary>Both, where neither was written yet.</summary>
    public OutboxChange Then(OutboxChange next)
    {
        if (IsEmpty) return next;
        if (next.IsEmpty) return this;
        return new OutboxChange([.. Waiting.Where(m => !next.Settled.Contains(m.Delivery)), .. next.Waiting], [.. Settled, .. next.Settled]);
    }
}
