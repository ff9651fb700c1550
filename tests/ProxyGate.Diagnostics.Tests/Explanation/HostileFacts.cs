using System.Text;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Explanation.Examples;

namespace ProxyGate.Diagnostics.Tests.Explanation;

/// <summary>Failures whose every text tries to become a command.</summary>
internal static class HostileFacts
{
    public const string Canary = "proxygate-injected";

    public const string Evil = "a';touch proxygate-injected;'$(touch proxygate-injected)`touch proxygate-injected`\ntouch proxygate-injected\n\"&|<>*{a,b}~!\u202e";

    /// <summary>The verdict on poisoned facts, also for causes that only a look at the host can give.</summary>
    public static Failure Verdict(string name, FailureFacts facts) => ExampleFailures.NeedsHostEvidence.Contains(name.Split('.')[0])
        ? ExampleFailures.Verdict(name) with { Attempt = facts.Attempts[^1] }
        : Classifier.Classify(facts);

    public static FailureFacts Poison(FailureFacts facts) => new(
        facts.Request with
        {
            Path = "/" + Evil,
            Host = Evil,
            Protocol = Evil,
            Method = facts.Request.Method == "GET" ? "GET" : Evil,
            Cluster = Evil,
            Route = Evil,
            DecisionDetail = Evil,
            Unhealthy = [.. facts.Request.Unhealthy.Select(u => u with { Destination = Evil, Url = Evil, Words = Evil })],
            GatewayFault = facts.Request.GatewayFault is null ? null : Evil,
        },
        [.. facts.Attempts.Select(Poison)]);

    private static AttemptFacts Poison(AttemptFacts a) => a with
    {
        Destination = Evil,
        DestinationUrl = a.IsUnixSocket ? "http://unix:/run/" + Evil : $"{(a.UsesTls ? "https" : "http")}://{Evil}:8080",
        Address = a.IsUnixSocket ? "/run/" + Evil : a.Address is null ? null : Evil,
        Dns = a.Dns is null ? null : a.Dns with { Host = Evil },
        AddressesTried = [.. a.AddressesTried.Select(t => t with { Address = Evil })],
        FirstBytes = a.FirstBytes.Length == 0 ? [] : [.. a.FirstBytes, .. Encoding.UTF8.GetBytes(Evil)],
        DefectDetail = Evil,
        Message = Evil,
        Tls = a.Tls is null ? null : a.Tls with
        {
            ServerName = Evil,
            Alpn = Evil,
            Certificate = a.Tls.Certificate is null ? null : a.Tls.Certificate with { Subject = Evil, Issuer = Evil, Names = [Evil] },
        },
        Http2 = a.Http2 is null ? null : a.Http2 with { GoAwayDebug = Evil },
        UpstreamIdentity = new UpstreamIdentity { Server = Evil, Via = Evil },
    };
}
