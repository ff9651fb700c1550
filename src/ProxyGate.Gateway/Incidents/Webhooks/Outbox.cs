namespace ProxyGate.Gateway.Incidents.Webhooks;

/// <summary>The messages that wait for their webhooks, and what the store has yet to be told of them: one that is delivered at once is never stored.</summary>
internal sealed class Outbox
{
    private readonly Lock _sync = new();
    private readonly Dictionary<string, WebhookMessage> _waiting = [];
    private readonly HashSet<string> _handed = [];
    private readonly List<string> _settled = [];

    public int Count
    {
        get
        {
            lock (_sync) return _waiting.Count;
        }
    }

    /// <param name="isStored">It comes from the store.</param>
    public void Add(WebhookMessage message, bool isStored = false)
    {
        lock (_sync)
        {
            _waiting[message.Delivery] = message;
            if (isStored) _handed.Add(message.Delivery);
        }
    }

    /// <summary>It was delivered, or given up.</summary>
    public void Settle(WebhookMessage message)
    {
        lock (_sync)
        {
            _waiting.Remove(message.Delivery);
            if (_handed.Remove(message.Delivery)) _settled.Add(message.Delivery);
        }
    }

    public OutboxChange Take()
    {
        lock (_sync)
        {
            if (_settled.Count == 0 && _handed.Count == _waiting.Count) return OutboxChange.None;
            var change = new OutboxChange([.. _waiting.Values.Where(m => _handed.Add(m.Delivery))], [.. _settled]);
            _settled.Clear();
            return change;
        }
    }
}
