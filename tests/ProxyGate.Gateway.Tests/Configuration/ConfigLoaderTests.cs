using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Tests.Configuration;

public sealed class ConfigLoaderTests
{
    [Fact]
    public async Task A_file_with_routes_alone_has_every_default()
    {
        var result = await ConfigFile.LoadAsync($"{{ {ConfigFile.Proxy} }}");

        Assert.Empty(result.Mistakes);
        var settings = Assert.IsType<GatewaySettings>(result.Settings);
        Assert.Equal(["http://localhost:8080"], settings.Listen);
        Assert.Equal("http://127.0.0.1:9180", settings.Admin.Listen);
        Assert.Equal("/etc/proxygate/logs/events.jsonl", settings.Events.File);
        Assert.Equal("/etc/proxygate/data/incidents.db", settings.Incidents.File);
        Assert.Equal(new TimeoutSettings(), settings.Timeouts);
        Assert.Equal(new LimitSettings(), settings.Limits);
        Assert.Equal("app", Assert.Single(result.Routes).RouteId);
        Assert.Equal("http://localhost:5000", Assert.Single(result.Clusters).Destinations!["one"].Address);
    }

    [Fact]
    public async Task The_section_of_the_contract_is_read_to_the_letter()
    {
        var result = await ConfigFile.LoadGateAsync("""
            {
              // comments and trailing commas are welcome
              "Listen": ["http://localhost:8080"],
              "Admin": { "Listen": "http://127.0.0.1:9180" },
              "TrustedProxies": [], "OperatorNetworks": [],
              "Events": { "File": "logs/events.jsonl" },
              "Incidents": { "Store": "sqlite", "File": "data/incidents.db" },
              "Limits": { "RequestHeaders": "32KiB", "RequestHeadersTimeout": "30s", "RequestBody": null, "RequestBodyIdle": "60s", "ResponseHeaders": "64KiB" },
              "Timeouts": { "Dns": "2s", "Connect": "3.5s", "Tls": "5s", "Send": "30s", "FirstByte": "60s", "Idle": "60s", "Total": null },
              "UpstreamTls": { "TrustedCaFile": null, "Verify": true },
              "Clusters": { "app": { "Timeouts": {}, "UpstreamTls": { "ServerName": null, "ClientCertificate": null }, "Investigate": true } },
            }
            """);

        Assert.Empty(result.Mistakes);
        Assert.Equal(new TimeoutSettings(), result.Settings!.Timeouts);
        Assert.Equal(new LimitSettings(), result.Settings.Limits);
        Assert.Equal(new TimeoutSettings(), result.Settings.ForCluster("app").Timeouts);
    }

    [Fact]
    public async Task A_cluster_is_completed_key_by_key_from_the_section()
    {
        var result = await ConfigFile.LoadGateAsync("""
            {
              "Timeouts": { "Dns": "1s", "Connect": "00:00:07", "Total": "5m" },
              "Drain": { "Limit": "5m" },
              "UpstreamTls": { "Verify": false, "ServerName": "everyone" },
              "Clusters": { "APP": { "Timeouts": { "Connect": "500ms", "Total": null }, "UpstreamTls": { "ServerName": null } } }
            }
            """);

        Assert.Empty(result.Mistakes);
        var own = result.Settings!.ForCluster("app");
        Assert.Equal(TimeSpan.FromSeconds(1), own.Timeouts.Dns);
        Assert.Equal(TimeSpan.FromMilliseconds(500), own.Timeouts.Connect);
        Assert.Null(own.Timeouts.Total);
        Assert.False(own.UpstreamTls.Verify);
        Assert.Null(own.UpstreamTls.ServerName);
        Assert.Equal(TimeSpan.FromSeconds(7), result.Settings.ForCluster("other").Timeouts.Connect);
        Assert.Equal(TimeSpan.FromMinutes(5), result.Settings.ForCluster("other").Timeouts.Total);
    }

    [Fact]
    public async Task Every_value_can_come_from_the_environment()
    {
        var result = await ConfigFile.LoadGateAsync("""{ "Listen": ["http://localhost:1"], "Limits": { "RequestBody": "1MiB" } }""",
            ("ProxyGate__Listen", "http://localhost:8081 https://localhost:8443"),
            ("ProxyGate__Certificates__0__Certificate", TestCertificates.Shared.PemFile),
            ("PROXYGATE__ADMIN__LISTEN", "http://127.0.0.1:9999"),
            ("ProxyGate__Limits__RequestBody", ""),
            ("ProxyGate__Clusters__app__Timeouts__FirstByte", "90s"),
            ("ProxyGate__TrustedProxies__0", "10.0.0.0/8"),
            ("ProxyGate__TrustedProxies__1", "::1"),
            ("ReverseProxy__Clusters__app__Destinations__one__Address", "http://localhost:5001"),
            ("ReverseProxy__Clusters__app__Destinations__two__Address", "http://localhost:5002"),
            ("PROXYGATE_SERVICE_HOST", "10.1.2.3"));

        Assert.Empty(result.Mistakes);
        var settings = result.Settings!;
        Assert.Equal(["http://localhost:8081", "https://localhost:8443"], settings.Listen);
        Assert.Equal("http://127.0.0.1:9999", settings.Admin.Listen);
        Assert.Null(settings.Limits.RequestBody);
        Assert.Equal(TimeSpan.FromSeconds(90), settings.ForCluster("app").Timeouts.FirstByte);
        Assert.Equal(["10.0.0.0/8", "::1"], settings.TrustedProxies);
        Assert.Equal(["http://localhost:5001", "http://localhost:5002"], result.Clusters[0].Destinations!.Values.Select(d => d.Address).Order());
    }

    [Fact]
    public async Task YARPs_own_section_is_read_unchanged()
    {
        var result = await ConfigFile.LoadAsync("""
            {
              "ReverseProxy": {
                "Routes": {
                  "api": {
                    "ClusterId": "api", "Order": -1, "MaxRequestBodySize": 1000, "Timeout": "00:00:10", "AuthorizationPolicy": "anonymous",
                    "Match": {
                      "Methods": ["GET", "POST"], "Hosts": ["example.org", "*.example.org:8443"], "Path": "/api/{**rest}",
                      "Headers": [{ "Name": "x-version", "Values": ["1", "2"], "Mode": "HeaderPrefix", "IsCaseSensitive": true }],
                      "QueryParameters": [{ "Name": "q", "Mode": "Exists" }]
                    },
                    "Metadata": { "owner": "team a" },
                    "Transforms": [{ "PathRemovePrefix": "/api" }, { "RequestHeader": "X-A", "Set": "b" }, { "RequestHeadersCopy": true }]
                  }
                },
                "Clusters": {
                  "api": {
                    "LoadBalancingPolicy": "RoundRobin",
                    "SessionAffinity": { "Enabled": true, "Policy": "Cookie", "AffinityKeyName": "a", "Cookie": { "SameSite": "Lax", "MaxAge": "1h" } },
                    "HealthCheck": { "Active": { "Enabled": "true", "Interval": "00:00:10", "Timeout": "2s", "Path": "/healthz" }, "Passive": { "Enabled": false } },
                    "HttpClient": { "SslProtocols": ["Tls12", "Tls13"], "MaxConnectionsPerServer": "10", "DangerousAcceptAnyServerCertificate": false, "RequestHeaderEncoding": "utf-8" },
                    "HttpRequest": { "ActivityTimeout": "00:02:00", "Version": "2", "VersionPolicy": "RequestVersionExact", "AllowResponseBuffering": null },
                    "Destinations": { "a": { "Address": "https://10.0.0.1:8443/base/", "Health": "http://10.0.0.1:8080", "Host": "inner.example" } }
                  }
                }
              },
              "Logging": { "LogLevel": { "Default": "Information" } }
            }
            """);

        var warning = Assert.Single(result.Mistakes);
        Assert.True(warning.IsWarning);
        Assert.Equal("Logging", warning.Key);
        var route = Assert.Single(result.Routes);
        Assert.Equal(TimeSpan.FromSeconds(10), route.Timeout);
        Assert.Equal(3, route.Transforms!.Count);
        Assert.Equal("team a", route.Metadata!["owner"]);
        var cluster = Assert.Single(result.Clusters);
        Assert.Equal(TimeSpan.FromHours(1), cluster.SessionAffinity!.Cookie!.MaxAge);
        Assert.Equal(TimeSpan.FromSeconds(2), cluster.HealthCheck!.Active!.Timeout);
        Assert.Equal(10, cluster.HttpClient!.MaxConnectionsPerServer);
        Assert.Equal(new Version(2, 0), cluster.HttpRequest!.Version);
    }

    [Theory]
    [InlineData("http://unix:/run/app.sock", "/run/app.sock", "/")]
    [InlineData("https://unix:/run/app.sock:/base/", "/run/app.sock", "/base/")]
    public async Task A_unix_destination_leads_to_its_socket(string written, string socket, string path)
    {
        var result = await ConfigFile.LoadAsync(
            $"{{ {ConfigFile.Proxy.Replace("http://localhost:5000", written, StringComparison.Ordinal)} }}");

        Assert.Empty(result.Mistakes);
        var destination = result.Clusters[0].Destinations!["one"];
        var uri = new Uri(destination.Address);
        Assert.Equal(path, uri.AbsolutePath);
        Assert.Equal("localhost", destination.Host);
        Assert.True(UnixDestinations.TryGetPath(uri.Host, out var found));
        Assert.Equal(socket, found);
        Assert.Equal(written, UnixDestinations.Display(destination.Address));
    }

    [Fact]
    public async Task The_longest_socket_path_fits_and_one_byte_more_is_a_mistake()
    {
        var longest = "/" + new string('é', 53);
        Assert.True(UnixDestinations.TryEncode("http://unix:" + longest, out var address, out _));
        Assert.True(UnixDestinations.TryGetPath(new Uri(address).Host, out var path));
        Assert.Equal(longest, path);
        Assert.False(UnixDestinations.TryEncode($"http://unix:{longest}x", out _, out _));
        await Task.CompletedTask;
    }

    [Fact]
    public async Task A_command_line_needs_no_file()
    {
        var result = await CommandLineConfig.FromToAsync("http://localhost:5000", ["http://localhost:0"], [], "/srv");

        Assert.Empty(result.Mistakes);
        Assert.Equal(["http://localhost:0"], result.Settings!.Listen);
        Assert.Equal("/srv/logs/events.jsonl", result.Settings.Events.File);
        Assert.Equal("/{**catchall}", Assert.Single(result.Routes).Match.Path);
        Assert.Equal("default", result.Routes[0].ClusterId);
        Assert.Equal("http://localhost:5000", result.Clusters[0].Destinations!["default"].Address);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_unreadable_not_invalid()
    {
        var result = await ConfigLoader.LoadAsync("/nowhere/proxygate.json", []);

        Assert.Equal("/nowhere/proxygate.json does not exist: its folder /nowhere is missing", result.Unreadable);
        Assert.Empty(result.Mistakes);
    }
}
