using System.Net;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Examining;

namespace ProxyGate.Gateway.Tests.Examining;

/// <summary>What a URL and a configuration say of a destination is what the look uses.</summary>
public sealed class ExaminedDestinationsTests
{
    [Fact]
    public async Task A_cluster_gives_its_destinations_everything_the_gateway_uses()
    {
        var config = await ConfigLoader.LoadAsync("/etc/proxygate/proxygate.json", """
            {
              "ReverseProxy": {
                "Routes": { "all": { "ClusterId": "shop", "Match": { "Path": "/{**rest}" } } },
                "Clusters": {
                  "shop": {
                    "HealthCheck": { "Active": { "Enabled": true, "Path": "up", "Query": "?full=1", "Timeout": "00:00:02" } },
                    "HttpRequest": { "Version": "1.1", "VersionPolicy": "RequestVersionExact" },
                    "HttpClient": { "DangerousAcceptAnyServerCertificate": true },
                    "Destinations": {
                      "b": { "Address": "https://127.0.0.1:8443/base/", "Host": "shop.example" },
                      "a": { "Address": "http://unix:/run/app.sock", "Health": "http://127.0.0.1:9000" }
                    }
                  },
                  "other": { "Destinations": { "x": { "Address": "http://127.0.0.1:9999" } } }
                }
              },
              "ProxyGate": { "Clusters": { "shop": { "Timeouts": { "Connect": "1s" }, "UpstreamTls": { "ServerName": "shop.internal" } } } }
            }
            """u8.ToArray(), []);
        Assert.Empty(config.Errors);

        var all = ExaminedDestinations.Of(config);

        Assert.Equal(["other/x", "shop/a", "shop/b"], all.Select(d => d.Name));
        var (socket, secure) = (all[1], all[2]);
        Assert.Equal(("/run/app.sock", "http://127.0.0.1:9000/up?full=1"), (socket.SocketPath, socket.Health!.ToString()));
        Assert.Equal("https://127.0.0.1:8443/base/up?full=1", secure.Health!.ToString());
        Assert.Equal((HttpVersion.Version11, "shop.example", "shop.internal", false), (secure.Version, secure.HostField, secure.Tls.ServerName, secure.Tls.Verify));
        Assert.Equal((TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), "proxygate.json:10"), (secure.Timeouts.Connect, secure.HealthTimeout, secure.Source));
        Assert.Equal([IPEndPoint.Parse("127.0.0.1:9999")], secure.OtherConfigured);
    }

    [Theory]
    [InlineData("http://localhost:5000", "http://localhost:5000", "http://localhost:5000/", false)]
    [InlineData("https://app/health?deep=yes", "https://app/health", "https://app/health", true)]
    [InlineData("http://unix:/run/app.sock", "http://unix:/run/app.sock", "http://unix:/run/app.sock", false)]
    public void A_url_is_shown_as_it_was_written_but_without_its_query(string url, string name, string shown, bool named)
    {
        Assert.True(ExaminedDestinations.TryOfUrl(url, out var destination, out _, out _));
        Assert.Equal((name, shown, named), (destination.Name, destination.Url, destination.PathIsNamed));
    }

    [Theory]
    [InlineData("localhost:5000", "http://localhost:5000")]
    [InlineData("http://me:secret@app/", null)]
    public void A_url_that_cannot_be_meant_is_refused(string url, string? suggestion)
    {
        Assert.False(ExaminedDestinations.TryOfUrl(url, out _, out var mistake, out var meant));
        Assert.NotEmpty(mistake);
        Assert.Equal(suggestion, meant);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(600)]
    public void All_requests_of_a_look_together_end_before_it(int seconds)
    {
        Assert.True(ExaminedDestinations.TryOfUrl("http://localhost:5000", out var destination, out _, out _));
        var limits = new TrialLimits(destination.WithHealth("/up"), TimeSpan.FromSeconds(seconds));

        Assert.InRange(limits.Total + limits.HealthTotal, TimeSpan.Zero, TimeSpan.FromSeconds(seconds * 0.85));
        Assert.InRange(limits.Phases.Dns + limits.Phases.Connect, TimeSpan.Zero, limits.Total);
        Assert.InRange(limits.Phases.FirstByte, TimeSpan.Zero, limits.Total);
        Assert.Equal(seconds < 150, limits.AreCut);
    }
}
