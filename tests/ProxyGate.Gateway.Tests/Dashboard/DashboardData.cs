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
    public static string Plain(AdminHarness gateway)
    {
        var incident = gateway.Get<IncidentTracker>().Fail("all", "one", "connect_refused").Id;
        var now = TimeProvider.System.GetUtcNow();
        gateway.Get<RecentFailures>().Add(SomeFailure.Event(id: "abcd-1234", route: "all", time: now) with { Incident = incident });
        gateway.Get<RecentFailures>().Add(SomeFailure.WithEveryFact() with { Id = "abcd-5678", Incident = incident, Time = now });
        return incident;
    }

    /// <summary>Hostile text wherever somebody else can put one.</summary>
    public static string Hostile(AdminHarness gateway)
    {
        var incident = gateway.Get<IncidentTracker>().Fail(Evil, Evil, "connect_refused").Id;
        var hostile = SomeFailure.Hostile(Evil);
        gateway.Get<RecentFailures>().Add(hostile with
        {
            Id = "evda-0001",
            Incident = incident,
            ClientAddress = Evil,
            Time = TimeProvider.System.GetUtcNow(),
            Diagnosis = hostile.Diagnosis with { Sentence = Evil },
        });
        gateway.Get<ConfigStatus>().Loaded("/etc/" + Evil, TimeProvider.System.GetUtcNow());
        gateway.Get<ConfigStatus>().Refused([new ConfigMistake { File = "/etc/proxygate.json", Message = Evil }], TimeProvider.System.GetUtcNow());
        return incident;
    }
}
