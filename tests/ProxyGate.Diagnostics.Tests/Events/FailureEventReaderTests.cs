using ProxyGate.Diagnostics.Events;
using ProxyGate.Tests.Events;

namespace ProxyGate.Diagnostics.Tests.Events;

public sealed class FailureEventReaderTests
{
    [Fact]
    public void A_written_line_is_read_back()
    {
        var kind = FailureEventReader.Read(FailureEventJson.ToLine(SomeFailure.WithEveryFact()), out var read);

        Assert.Equal(EventLineKind.Failure, kind);
        Assert.Equal(SomeFailure.Time, read!.Time);
        Assert.Equal(("k7mq-3f9x", "tls_cert_expired", "shop", "app1", 502), (read.Id, read.Cause, read.Route, read.Destination, read.Status));
        Assert.Equal(("GET", "shop.example", "/cart", 1L, "wrong_port"), (read.Method, read.Host, read.Path, read.Occurrences, read.Hint));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"schema\":\"proxygate.failure/1\",\"id\":\"k7")]
    [InlineData("[1,2]")]
    [InlineData("not json")]
    [InlineData("{\"schema\":\"\\ud800\"}")]
    public void What_is_no_json_object_is_bad(string line) => Assert.Equal(EventLineKind.Bad, FailureEventReader.Read(line, out _));

    [Fact]
    public void Another_event_is_passed_over() =>
        Assert.Equal(EventLineKind.Other, FailureEventReader.Read("{\"schema\":\"proxygate.recovery/1\"}", out _));

    [Fact]
    public void Missing_mistyped_and_unknown_properties_do_no_harm()
    {
        const string Line = """{"schema":"proxygate.failure/2","cause":7,"occurrences":-3,"client":[],"attempts":[1],"hints":[{}],"new":{"x":1}}""";

        Assert.Equal(EventLineKind.Failure, FailureEventReader.Read(Line, out var read));
        Assert.Equal(("", 1L, "", 1), (read!.Cause, read.Occurrences, read.Host, read.Attempts));
    }
}
