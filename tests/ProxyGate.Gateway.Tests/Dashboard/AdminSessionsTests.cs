using Microsoft.Extensions.Time.Testing;
using ProxyGate.Gateway.Dashboard.SignIn;

namespace ProxyGate.Gateway.Tests.Dashboard;

public sealed class AdminSessionsTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void A_session_lasts_its_time_and_no_longer()
    {
        var sessions = new AdminSessions(_clock);
        var token = sessions.Begin("anna", "stamp", TimeSpan.FromHours(1));
        _clock.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal("anna", sessions.Find(token)!.User);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(sessions.Find(token));
        Assert.Null(sessions.Find(null));
        Assert.Null(sessions.Find(token + "x"));
        Assert.Null(sessions.Find(new string('x', 10_000)));
    }

    [Fact]
    public void The_oldest_session_makes_room()
    {
        var sessions = new AdminSessions(_clock);
        var first = sessions.Begin("first", "", TimeSpan.FromHours(1));
        _clock.Advance(TimeSpan.FromMinutes(1));
        var tokens = Enumerable.Range(0, AdminSessions.Most).Select(i => sessions.Begin($"user{i}", "", TimeSpan.FromHours(1))).ToList();
        Assert.Null(sessions.Find(first));
        Assert.All(tokens, t => Assert.NotNull(sessions.Find(t)));
        Assert.Equal(tokens.Count, tokens.Distinct().Count());
    }
}
