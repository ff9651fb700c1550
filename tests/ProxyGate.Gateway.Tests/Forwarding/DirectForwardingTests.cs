using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using ProxyGate.Gateway.Forwarding;
using ProxyGate.Gateway.Forwarding.Direct;
using ProxyGate.Gateway.Forwarding.Http1;
using Yarp.ReverseProxy.Transforms;

namespace ProxyGate.Gateway.Tests.Forwarding;

/// <summary>What the direct forwarder writes and reads by itself; how it behaves is what all tests of forwarding look at.</summary>
public sealed class DirectForwardingTests
{
    [Theory]
    [InlineData("/a%2Fb/%41?q=%2F&x=a|b", "/a%2Fb/A", "/a%2Fb/%41?q=%2F&x=a|b")]
    [InlineData("/@scope%2fname", "/@scope%2fname", "/@scope%2fname")]
    [InlineData("//twice", "//twice", "//twice")]
    [InlineData("/", "/", "/")]
    [InlineData("/.well-known/x", "/.well-known/x", "/.well-known/x")]
    [InlineData("/public/../admin", "/admin", "/admin")]
    [InlineData("/public/%2e%2E/admin?a=1", "/admin", "/admin?a=1")]
    [InlineData("http://host/absolute?a=1", "/absolute", "/absolute?a=1")]
    [InlineData("*", "", "/")]
    public void The_target_goes_on_as_the_client_wrote_it_unless_that_could_lead_elsewhere(string raw, string understood, string sent) =>
        Assert.Equal(sent, RequestTarget.Of(Asked(raw, understood), "", []));

    [Fact]
    public void The_destinations_own_path_stands_before_it() => Assert.Equal("/base/a%2Fb?c", RequestTarget.Of(Asked("/a%2Fb?c", "/a%2Fb"), "/base", []));

    [Fact]
    public void A_route_may_change_path_and_query()
    {
        RequestTransform[] transforms =
        [
            new PathStringTransform(PathStringTransform.PathTransformMode.RemovePrefix, "/api"),
            new QueryParameterFromStaticTransform(QueryStringTransformMode.Set, "v", "2"),
        ];
        Assert.Equal("/items%20x?a=1&v=2", RequestTarget.Of(Asked("/api/items%20x?a=1", "/api/items x"), "", transforms));
    }

    private static DefaultHttpContext Asked(string raw, string understood)
    {
        var context = new DefaultHttpContext();
        context.Features.Get<IHttpRequestFeature>()!.RawTarget = raw;
        context.Request.Path = understood;
        var query = raw.IndexOf('?', StringComparison.Ordinal);
        if (query >= 0) context.Request.QueryString = new QueryString(raw[query..]);
        return context;
    }

    [Fact]
    public void A_clients_trace_is_continued_and_anothers_begun()
    {
        const string Client = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        var context = new DefaultHttpContext();
        context.Request.Headers.TraceParent = Client;
        var continued = RequestTrace.Of(context);
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", continued.TraceId);
        Assert.NotEqual("b7ad6b7169203331", continued.SpanId);
        Assert.EndsWith("-01", continued.Parent, StringComparison.Ordinal);
        Assert.Equal($"00-{continued.TraceId}-{continued.SpanId}-01", continued.Parent);
    }

    [Theory]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01")]
    [InlineData("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01")]
    [InlineData("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331")]
    [InlineData("nonsense")]
    public void Anything_else_begins_a_new_trace(string parent)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.TraceParent = parent;
        var one = RequestTrace.Of(context);
        var other = RequestTrace.Of(context);
        Assert.Matches("^00-[0-9a-f]{32}-[0-9a-f]{16}-00$", one.Parent);
        Assert.NotEqual("0af7651916cd43dd8448eb211c80319c", one.TraceId);
        Assert.NotEqual(one.TraceId, other.TraceId);
    }

    [Fact]
    public void The_upstream_is_sent_the_trace_that_the_event_tells()
    {
        foreach (var client in new[] { null, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" })
        {
            var context = new DefaultHttpContext();
            context.Request.Headers.TraceParent = client;
            var trace = RequestTrace.Of(context);
            var output = new System.Buffers.ArrayBufferWriter<byte>();
            trace.Write(output);
            Assert.Equal($"traceparent: 00-{trace.TraceId}-{trace.SpanId}-{(client is null ? "00" : "01")}\r\n", Encoding.ASCII.GetString(output.WrittenSpan));
        }
    }

    [Fact]
    public void A_head_is_read_whatever_stood_in_the_last_one()
    {
        var head = new ResponseHead();
        string[] heads =
        [
            "HTTP/1.1 200 OK\r\nDate: a\r\nContent-Length: 5\r\nX-A: 1\r\nSet-Cookie: s=1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nDate: a\r\nContent-Length: 5\r\nX-A: 1\r\nSet-Cookie: s=1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nDate: b\r\nContent-Length: 6\r\nX-A: 1\r\nSet-Cookie: s=2\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\nContent-Length: 6\r\nDate: b\r\n\r\n",
            "HTTP/1.1 200 OK\r\nDate: b\r\nContent-Length: 5\r\nContent-Length: 5\r\nX-A: 1\r\nX-a: 2\r\n\r\n",
            "HTTP/1.1 200 OK\r\nDate: b\r\nTransfer-Encoding: chunked\r\nConnection: close\r\nX-A: 1\r\n\r\n",
            "HTTP/1.0 204 No Content\r\nDate: b\r\n\r\n",
            "HTTP/1.1 200 OK\r\nDate: b\r\nContent-Length: 5\r\nX-A: 1\r\n\r\n",
        ];
        foreach (var text in heads)
        {
            var bytes = Encoding.ASCII.GetBytes(text);
            head.Read(bytes);
            var fresh = ResponseHead.Parse(bytes);
            Assert.Equal(Told(fresh), Told(head));
        }

        static string Told(ResponseHead h) => FormattableString.Invariant(
            $"{h.Status} {h.Reason} {h.IsHttp10} {h.ContentLength} {h.Chunked} {h.KeepsAlive} {h.HasRepeatedNames} {h.Defect} {string.Join("; ", h.Fields.ToArray().Select(f => $"{f.Name}={f.Value}"))}");
    }

    [Fact]
    public void A_second_length_that_differs_is_refused_whatever_stood_in_the_last_head()
    {
        var head = new ResponseHead();
        head.Read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n"u8);
        Assert.Equal(Diagnostics.Attempts.HeadDefect.None, head.Defect);
        head.Read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\n"u8);
        Assert.Equal(Diagnostics.Attempts.HeadDefect.FramingConflict, head.Defect);
        Assert.Equal(HttpStatusCode.OK, (HttpStatusCode)head.Status);
    }
}
