using System.Data.Common;
using ProxyGate.Gateway.Incidents.Webhooks;

namespace ProxyGate.Gateway.Incidents.Storing.Sql;

/// <summary>The messages that webhooks have yet to be told, each of one gateway; of one that is gone, another takes them over.</summary>
internal sealed class SqlOutbox(SqlDatabase database, GatewayLease lease, TimeProvider clock)
{
    private readonly HashSet<string> _written = [];
    private bool _hasOwn;

    public async Task WriteAsync(OutboxChange change, DbConnection connection, DbTransaction all, CancellationToken cancellationToken)
    {
        foreach (var message in change.Waiting)
        {
            if (!_hasOwn) _written.Add(message.Delivery);
            await connection.RunAsync(
                "INSERT INTO outbox (delivery, gateway, webhook, time, body) VALUES (@delivery, @gateway, @webhook, @time, @body) ON CONFLICT (delivery) DO NOTHING", all, cancellationToken,
                ("delivery", message.Delivery), ("gateway", lease.Name), ("webhook", message.Target), ("time", message.Time.UtcTicks), ("body", message.Body));
        }

        foreach (var delivery in change.Settled) await connection.RunAsync("DELETE FROM outbox WHERE delivery = @delivery", all, cancellationToken, ("delivery", delivery));
    }

    public async Task<IReadOnlyList<WebhookMessage>> AdoptAsync(IReadOnlyList<string> webhooks, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        if (!_hasOwn) await ForgetAsync(connection, webhooks, cancellationToken);
        var adopted = new List<WebhookMessage>();
        foreach (var webhook in webhooks)
        {
            // Two gateways may want the same: who changes the row first has it.
            await using var command = connection.Command(
                $"UPDATE outbox SET gateway = @me WHERE webhook = @webhook AND ({(_hasOwn ? "" : "gateway = @me OR ")}gateway NOT IN (SELECT name FROM gateways WHERE seen >= @alive)) RETURNING delivery, webhook, time, body",
                null, ("me", lease.Name), ("webhook", webhook), ("alive", (clock.GetUtcNow() - GatewayLease.Expires).UtcTicks));
            adopted.AddRange(await command.ListAsync(r => new WebhookMessage(r.Text("delivery"), r.Text("webhook"), r.Time("time"), (byte[])r["body"]), cancellationToken));
        }

        adopted.RemoveAll(m => _written.Contains(m.Delivery)); // this run's own
        _hasOwn = true;
        _written.Clear();
        return [.. adopted.OrderBy(m => m.Time)];
    }

    /// <summary>What it has left for webhooks that its configuration has no more will be sent by nobody.</summary>
    private async Task ForgetAsync(DbConnection connection, IReadOnlyList<string> webhooks, CancellationToken cancellationToken)
    {
        await using var left = connection.Command("SELECT delivery, webhook FROM outbox WHERE gateway = @me", null, ("me", lease.Name));
        foreach (var (delivery, webhook) in await left.ListAsync(r => (r.Text("delivery"), r.Text("webhook")), cancellationToken))
        {
            if (!webhooks.Contains(webhook) && !_written.Contains(delivery)) await connection.RunAsync("DELETE FROM outbox WHERE delivery = @delivery", null, cancellationToken, ("delivery", delivery));
        }
    }
}
