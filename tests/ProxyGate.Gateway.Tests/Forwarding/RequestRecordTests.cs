using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding;

namespace ProxyGate.Gateway.Tests.Forwarding;

/// <summary>A request's record is found without a look-up where its thread began it, and never in the place of another's.</summary>
public sealed class RequestRecordTests
{
    [Fact]
    public void It_is_found_by_its_request_only()
    {
        var (one, other) = (new DefaultHttpContext(), new DefaultHttpContext());
        Assert.Null(RequestRecord.Of(one));
        var (first, second) = (Begun(one), Begun(other));
        Assert.Same(first, RequestRecord.Of(one));
        Assert.Same(second, RequestRecord.Of(other));
        second.Leave();
        Assert.Same(second, RequestRecord.Of(other));
        Assert.Same(first, RequestRecord.Of(one));
    }

    [Fact]
    public void The_next_request_of_the_same_connection_has_its_own_on_every_thread()
    {
        // The server uses one context for all requests of a connection.
        var context = new DefaultHttpContext();
        RequestRecord? first = null, second = null, seen = null;
        using var began = new ManualResetEventSlim();
        using var over = new ManualResetEventSlim();
        var beginner = new Thread(() =>
        {
            first = Begun(context);
            began.Set();
            over.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            seen = RequestRecord.Of(context);
        });
        beginner.Start();
        Assert.True(began.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.Same(first, RequestRecord.Of(context));
        // It ends on another thread than it began on.
        first!.Leave();
        second = Begun(context);
        over.Set();
        Assert.True(beginner.Join(TimeSpan.FromSeconds(30)));
        Assert.Same(second, seen);
        Assert.Same(second, RequestRecord.Of(context));
    }

    [Theory]
    [InlineData(SocketError.ConnectionReset, 104)]
    [InlineData(SocketError.SocketError, null)]
    [InlineData(SocketError.HostNotFound, null)]
    public void An_attempt_tells_of_no_number_that_the_kernel_does_not_know(SocketError error, int? errno)
    {
        var attempt = new RequestRecord(new DefaultHttpContext(), TimeProvider.System).Begin("one", "http://127.0.0.1:1", new TimeoutSettings(), 1000);
        attempt.FailBroken(new IOException("It broke.", new SocketException((int)error)));
        Assert.Equal((error, errno), (attempt.ToFacts().SocketError!.Value, attempt.ToFacts().Errno));
    }

    private static RequestRecord Begun(HttpContext context)
    {
        var record = new RequestRecord(context, TimeProvider.System);
        record.Enter();
        return record;
    }
}
