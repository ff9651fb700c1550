using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Incidents;
using ProxyGate.Gateway.Tests.Incidents;
using ProxyGate.Tests.Events;

namespace ProxyGate.Gateway.Tests.Dashboard;

/// <summary>Fills a gateway with something to show.</summary>
internal static class DashboardData
{
    public const string Evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u202e\u0007";

    /// <summary>An open incident with plain failures.</summary>
    public static async Task<string> PlainAsync(AdminHarness gateway)
    {
        var incident = gateway.Get<IncidentTracker>().Fail("all", "one", "connect_refused").Id;
        var now = TimeProvider.System.GetUtcNow();
        gateway.Get<FailureIntake>().Take(SomeFailure.Event(id: "abcd-1234", route: "all", time: now) with { Incident = incident });
        gateway.Get<FailureIntake>().Take(SomeFailure.WithEveryFact() with { Id = "abcd-5678", Incident = incident, Time = now });
        return await ShownAsync(gateway, incident, "abcd-5678");
    }

    /// <summary>A storm.</summary>
    /// <returns>The id of a failure in it that has no line of its own.</returns>
    public static async Task<string> StormAsync(AdminHarness gateway)
    {
        var folded = "";
        for (var i = 0; i < 100; i++)
        {
            var incident = gateway.Get<IncidentTracker>().Fail("all", "one", "connect_refused").Id;
            var id = FailureId.Of(i);
            if (gateway.Get<FailureIntake>().Take(SomeFailure.Event(id: id, route: "all", time: TimeProvider.System.GetUtcNow()) with { Incident = incident }) is null && folded.Length == 0) folded = id;
        }

        var deadline = DateTime.UtcNow.AddSeconds(30);
        for (; (await gateway.GetAsync("/api/failures/" + folded)).StatusCode != System.Net.HttpStatusCode.OK; await Task.Delay(20, TestContext.Current.CancellationToken))
            Assert.True(DateTime.UtcNow < deadline, $"{folded} is not found.");
        return folded;
    }

    /// <summary>Hostile text wherever somebody else can put one.</summary>
    public static async Task<string> HostileAsync(AdminHarness gateway)
    {
        var incident = gateway.Get<IncidentTracker>().Fail(Evil, Evil, "connect_refused").Id;
        var hostile = SomeFailure.Hostile(Evil);
        gateway.Get<FailureIntake>().Take(hostile with
        {
            Id = "evda-0001",
            Incident = incident,
            ClientAddress = Evil,
            Time = TimeProvider.System.GetUtcNow(),
            Diagnosis = hostile.Diagnosis with { Sentence = Evil },
        });
        gateway.Get<ConfigStatus>().Loaded("/etc/" + Evil, TimeProvider.System.GetUtcNow());
        gateway.Get<ConfigStatus>().Refused([new ConfigMistake { File = "/etc/proxygate.json", Message = Evil }], TimeProvider.System.GetUtcNow());
        return await ShownAsync(gateway, incident, "evda-0001");
    }

    /// <summary>What is recorded is kept off the request path, a moment later.</summary>
    private static async Task<string> ShownAsync(AdminHarness gateway, string incident, string failure)
    {
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (true)
        {
            using var one = await gateway.GetAsync("/api/failures/" + failure);
            using var whole = await gateway.GetAsync("/api/incidents/" + incident);
            if (one.IsSuccessStatusCode && whole.IsSuccessStatusCode) return incident;
            Assert.True(DateTime.UtcNow < deadline, $"{failure} of {incident} is not shown.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
