using FsCheck.Xunit;
using ProxyGate.Investigation.Probing.Names;
using ProxyGate.Investigation.Probing.Paths;
using ProxyGate.Investigation.Probing.Services;
using ProxyGate.Investigation.Probing.Sockets;

namespace ProxyGate.Investigation.Tests.Probing;

/// <summary>Bytes from the network may be anything: every reader takes them and comes back.</summary>
public sealed class HostileBytesTests
{
    private static readonly byte[] s_question = DnsMessage.Question(0x1234, "app.example.test", DnsMessage.A)!;

    [Property(MaxTest = 2000)]
    public void Any_bytes_are_read_to_an_end(byte[] bytes)
    {
        DnsMessage.Read(bytes, "app.example.test", DnsMessage.A);
        DnsMessage.Read([.. s_question, .. bytes], "app.example.test", DnsMessage.Aaaa);
        QueuedError.Read(bytes);
        KernelAddress.Read(bytes);
        RouteMessages.ReadRoute(bytes);
        RouteMessages.ReadNeighbours(bytes, []);
        HttpGreeting.Read(bytes);
        HttpGreeting.CompleteWithReason(bytes);
        Http2Greeting.Speaks(bytes);
        ServiceNames.Of(bytes);
        Assert.All(ShyService.All, service => service.Recognizes(bytes));
    }

    /// <summary>An answer that is nearly right goes deeper into the reader than noise does.</summary>
    [Property(MaxTest = 3000)]
    public void A_damaged_answer_is_read_to_an_end(ushort at, byte value, ushort also, byte other, ushort length)
    {
        byte[] answer = [.. s_question, 0xC0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 2, 0xC0, 16, 0xC0, 16, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, 1];
        (answer[2], answer[3], answer[7]) = (0x81, 0x80, 2);
        Assert.Equal("10.0.0.1", Assert.Single(DnsMessage.Read(answer, "app.example.test", DnsMessage.A)!.Addresses).ToString());
        answer[at % answer.Length] = value;
        answer[also % answer.Length] = other;
        Array.Resize(ref answer, length % (answer.Length + 1));
        var read = DnsMessage.Read(answer, "app.example.test", DnsMessage.A);
        Assert.True(read is null || read.Addresses.Count <= 2);
    }

    [Property(MaxTest = 2000)]
    public void A_compressed_name_never_leads_back(byte[] noise)
    {
        byte[] message = [.. new byte[12], .. noise, 0xC0, 12, 0xC0, (byte)(12 + noise.Length), 0];
        for (var at = 0; at < message.Length; at++)
        {
            var end = at;
            var name = DnsMessage.ReadName(message, ref end);
            Assert.True(name is null ? end == at : end > at && end <= message.Length && name.Length <= 4 * 255);
        }
    }

    [Property]
    public void A_question_answers_itself_and_no_other(ushort id, byte flip)
    {
        var question = DnsMessage.Question(id, "app.test", DnsMessage.A)!;
        byte[] answer = [.. question];
        answer[2] |= 0x80;
        Assert.True(DnsMessage.Answers(answer, question));
        Assert.Equal(0, DnsMessage.Read(answer, "App.Test.", DnsMessage.A)!.Code);
        answer[1] ^= (byte)(flip | 1);
        Assert.False(DnsMessage.Answers(answer, question));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData("ä.test")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.test")]
    public void A_name_that_cannot_be_asked_for_is_not(string name) => Assert.Null(DnsMessage.Question(1, name, DnsMessage.A));

    [Fact]
    public void The_count_of_failed_retransmissions_is_found_by_its_name()
    {
        Assert.Equal(7, SendFailures.Parse("TcpExt: SyncookiesSent TCPRetransFail Other\nTcpExt: 1 7 3\nIpExt: A\nIpExt: 9\n"));
        Assert.Null(SendFailures.Parse("TcpExt: SyncookiesSent\nTcpExt: 1\n"));
        Assert.Null(SendFailures.Parse(""));
    }
}
