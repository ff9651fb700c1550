using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Investigation.Probing.Names;

/// <summary>Asks one name server one question: by datagram, again when that may have been lost, and by TCP when the answer was cut.</summary>
internal sealed class NameServer(IPEndPoint address)
{
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(400);
    private const int LongestAnswer = 4096;

    public string Address => address.Port == 53 ? address.Address.ToString() : address.ToString();

    /// <summary>Ends when the token does, with <see cref="NameOutcome.TimedOut"/>.</summary>
    public async Task<NameReply> AskAsync(string name, ushort type, CancellationToken deadline)
    {
        var id = BinaryPrimitives.ReadUInt16LittleEndian(RandomNumberGenerator.GetBytes(2));
        if (DnsMessage.Question(id, name, type) is not { } question)
            return new NameReply(NameOutcome.NxDomain, null, "the name is too long or has an empty part, so it cannot be asked for");
        try
        {
            var reply = await DatagramAsync(question, name, type, deadline);
            return reply.Answer is { Truncated: true } ? await StreamAsync(question, name, type, deadline) : reply;
        }
        catch (OperationCanceledException)
        {
            return new NameReply(NameOutcome.TimedOut, null, null);
        }
        catch (SocketException e)
        {
            return new NameReply(NameOutcome.Unreachable, null, Said(e));
        }
    }

    private async Task<NameReply> DatagramAsync(byte[] question, string name, ushort type, CancellationToken deadline)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(address, deadline);
        var buffer = new byte[LongestAnswer];
        while (true)
        {
            await socket.SendAsync(question, deadline);
            using var again = CancellationTokenSource.CreateLinkedTokenSource(deadline);
            again.CancelAfter(AskAgainAfter);
            try
            {
                while (true)
                {
                    var length = await socket.ReceiveAsync(buffer, again.Token);
                    // Late answers to other questions, and forged ones, are not ours to judge.
                    if (DnsMessage.Answers(buffer.AsSpan(0, length), question)) return Judge(buffer.AsSpan(0, length), name, type);
                }
            }
            catch (OperationCanceledException) when (!deadline.IsCancellationRequested)
            {
                // Datagrams get lost: ask again.
            }
        }
    }

    private async Task<NameReply> StreamAsync(byte[] question, string name, ushort type, CancellationToken deadline)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(address, deadline);
            using var stream = new NetworkStream(socket);
            var length = new byte[2];
            BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)question.Length);
            await stream.WriteAsync((byte[])[.. length, .. question], deadline);
            await stream.ReadExactlyAsync(length, deadline);
            var answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
            await stream.ReadExactlyAsync(answer, deadline);
            return DnsMessage.Answers(answer, question) ? Judge(answer, name, type) : new NameReply(NameOutcome.Malformed, null, "its answer over TCP belongs to no question of ours");
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            var reason = (e as SocketException ?? e.InnerException as SocketException) is { } error ? Said(error) : "it ended the connection early";
            return new NameReply(NameOutcome.Unreachable, null, "the answer was cut to fit a datagram, and over TCP " + reason);
        }
        catch (OperationCanceledException)
        {
            return new NameReply(NameOutcome.TimedOut, null, "the answer was cut to fit a datagram, and TCP gave none in time");
        }
    }

    internal static NameReply Judge(ReadOnlySpan<byte> message, string name, ushort type)
    {
        if (DnsMessage.Read(message, name, type) is not { } answer) return new NameReply(NameOutcome.Malformed, null, null);
        return answer.Code switch
        {
            0 when answer.Addresses.Count > 0 || answer.Truncated => new NameReply(NameOutcome.Answered, answer, null),
            0 => new NameReply(NameOutcome.NoData, answer, null),
            2 => new NameReply(NameOutcome.ServFail, answer, null),
            3 => new NameReply(NameOutcome.NxDomain, answer, null),
            5 => new NameReply(NameOutcome.Refused, answer, null),
            // FORMERR and NOTIMP: the server does not understand a plain question, so it is of no use either.
            var code => new NameReply(NameOutcome.ServFail, answer, $"response code {code}"),
        };
    }

    private static string Said(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "its port refused",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown => "there is no way to its address",
        SocketError.AccessDenied => "this machine may not send to it",
        _ => e.SocketErrorCode.ToString(),
    };
}

/// <summary>What came of one question.</summary>
internal sealed record NameReply(NameOutcome Outcome, DnsAnswer? Answer, string? Detail);
