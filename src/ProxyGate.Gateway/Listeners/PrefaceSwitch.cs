using System.Buffers;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Loops;

namespace ProxyGate.Gateway.Listeners;

/// <summary>Looks at the first bytes of a clear-text connection and sends it to HTTP/2 or HTTP/1.1. The bytes stay unread for whoever serves it.</summary>
internal sealed class PrefaceSwitch(ConnectionDelegate http1, PriorKnowledgeTransport http2, IGatewaySettingsSource settings, TimeProvider time)
{
    private static readonly byte[] HeadTimeout = "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray();

    private enum Verdict
    {
        Undecided,
        Http1,
        Http2,
        Closed,
    }

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        switch (await LookAsync(connection))
        {
            case Verdict.Http2:
                await http2.ServeAsync(connection);
                break;
            case Verdict.Http1:
                await (connection is LoopConnection onLoop ? new RestingConnection(onLoop, settings, time).ServeAsync(http1) : http1(connection));
                break;
        }
    }

    private async Task<Verdict> LookAsync(ConnectionContext connection)
    {
        try
        {
            return await ReadAsync(connection);
        }
        catch (Exception e) when (e is ConnectionResetException or ConnectionAbortedException or IOException)
        {
            // Gone before it was heard, maybe before it was looked at.
            return Verdict.Closed;
        }
    }

    private async Task<Verdict> ReadAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        var began = false;
        // Mostly the request is already there, and no timer is needed.
        if (input.TryRead(out var first))
        {
            var verdict = Judge(first.Buffer, first.IsCompleted);
            input.AdvanceTo(first.Buffer.Start, verdict == Verdict.Undecided ? first.Buffer.End : first.Buffer.Start);
            if (verdict != Verdict.Undecided)
                return verdict;
            began = !first.Buffer.IsEmpty;
        }

        var limits = settings.Current.Limits;
        var stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
        using var patience = new CancellationTokenSource(began ? limits.RequestHeadersTimeout : limits.KeepAlive, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stopping);
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(either.Token);
                var verdict = Judge(read.Buffer, read.IsCompleted);
                input.AdvanceTo(read.Buffer.Start, verdict == Verdict.Undecided ? read.Buffer.End : read.Buffer.Start);
                if (verdict != Verdict.Undecided)
                    return verdict;
                if (!began)
                    patience.CancelAfter(limits.RequestHeadersTimeout);
                began = true;
            }
        }
        catch (OperationCanceledException)
        {
            // Idle or stopping: nothing was asked, so nothing is answered. Half a word gets HTTP/1.1's answer here, because a reader that comes
            // after us is not woken for bytes we have looked at.
            if (began && !stopping.IsCancellationRequested)
                await connection.Transport.Output.WriteAsync(HeadTimeout, CancellationToken.None);
            return Verdict.Closed;
        }
    }

    private static Verdict Judge(in ReadOnlySequence<byte> bytes, bool ended)
    {
        Span<byte> begin = stackalloc byte[Preface.Length];
        var length = (int)Math.Min(bytes.Length, begin.Length);
        if (length == 0)
            return ended ? Verdict.Closed : Verdict.Undecided;
        bytes.Slice(0, length).CopyTo(begin);
        if (!Preface.StartsWith(begin[..length]))
            return Verdict.Http1;
        if (length == Preface.Length)
            return Verdict.Http2;
        return ended ? Verdict.Http1 : Verdict.Undecided;
    }
}
