using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Tests.Forwarding;

public sealed class TlsUpstreamTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("proxygate-tls").FullName;
    private readonly X509Certificate2 _root;

    public TlsUpstreamTests()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Test Root", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        _root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-30), DateTimeOffset.UtcNow.AddDays(30));
        File.WriteAllText(RootFile, _root.ExportCertificatePem());
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string RootFile => Path.Combine(_folder, "root.pem");

    public void Dispose()
    {
        _root.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private X509Certificate2 Leaf(string name = "localhost", int fromDays = -1, int toDays = 10, X509Certificate2? issuer = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(issuer ?? _root, DateTimeOffset.UtcNow.AddDays(fromDays), DateTimeOffset.UtcNow.AddDays(toDays), RandomNumberGenerator.GetBytes(8));
        using var withKey = certificate.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }

    private GatewaySettings Settings(CertificateSettings? client = null)
    {
        // Only a peer that never answers is to meet a limit.
        var settings = new GatewaySettings { Timeouts = new TimeoutSettings { Tls = TimeSpan.FromSeconds(3) } };
        return settings with { UpstreamTls = new UpstreamTlsSettings { TrustedCaFile = RootFile, ServerName = "localhost", ClientCertificate = client } };
    }

    private static ScriptedUpstream Upstream(SslServerAuthenticationOptions options, string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") => new(async c =>
    {
        await using var network = new NetworkStream(c.Socket);
        await using var tls = new SslStream(network);
        try
        {
            await tls.AuthenticateAsServerAsync(options, c.Stop);
        }
        catch (AuthenticationException)
        {
            return;
        }

        var buffer = new byte[4096];
        while (await tls.ReadAsync(buffer, c.Stop) > 0) await tls.WriteAsync(Encoding.ASCII.GetBytes(answer), c.Stop);
    });

    private async Task<(HttpStatusCode Status, AttemptFacts Facts, Failure Failure)> AskAsync(ScriptedUpstream upstream, GatewaySettings settings)
    {
        await using var gateway = await ForwardingHarness.StartAsync($"https://127.0.0.1:{upstream.Port}", settings);
        var response = await gateway.Client.GetAsync("/", Ct);
        var facts = await gateway.NextFactsAsync();
        return (response.StatusCode, facts, Classifier.Classify(new FailureFacts(new RequestFacts { Method = "GET" }, [facts])));
    }

    [Fact]
    public async Task A_good_certificate_is_taken_and_its_facts_kept()
    {
        using var leaf = Leaf();
        await using var upstream = Upstream(new SslServerAuthenticationOptions { ServerCertificate = leaf });
        await using var gateway = await ForwardingHarness.StartAsync($"https://127.0.0.1:{upstream.Port}", Settings());
        for (var i = 1; i <= 3; i++)
        {
            Assert.Equal("ok", await gateway.Client.GetStringAsync("/", Ct));
            var facts = await gateway.NextFactsAsync();
            Assert.Equal((AttemptEnd.Answered, "localhost", "CN=localhost", i), (facts.End, facts.Tls!.ServerName, facts.Tls.Certificate!.Subject, facts.RequestNumber));
        }

        Assert.Equal(1, upstream.Accepted);
    }

    [Fact]
    public async Task Each_fault_of_a_certificate_has_its_own_cause()
    {
        using var expired = Leaf(fromDays: -20, toDays: -2);
        using var future = Leaf(fromDays: 2, toDays: 10);
        using var other = Leaf("other.example");
        using var otherRootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var selfRequest = new CertificateRequest("CN=localhost", otherRootKey, HashAlgorithmName.SHA256);
        using var self = X509CertificateLoader.LoadPkcs12(selfRequest.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(5)).Export(X509ContentType.Pkcs12), null);
        foreach (var (certificate, cause) in new[]
        {
            (expired, CauseId.TlsCertExpired), (future, CauseId.TlsCertNotYetValid), (other, CauseId.TlsCertNameMismatch), (self, CauseId.TlsCertUntrusted),
        })
        {
            await using var upstream = Upstream(new SslServerAuthenticationOptions { ServerCertificate = certificate });
            var (status, facts, failure) = await AskAsync(upstream, Settings());
            Assert.Equal(HttpStatusCode.BadGateway, status);
            Assert.Equal(cause, failure.Cause.Id);
            Assert.NotEmpty(facts.Tls!.Problems);
        }
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_missing_client_certificate_is_named(SslProtocols protocol)
    {
        using var leaf = Leaf();
        await using var upstream = Upstream(new SslServerAuthenticationOptions
        {
            ServerCertificate = leaf,
            ClientCertificateRequired = true,
            EnabledSslProtocols = protocol,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
        });
        var (_, facts, failure) = await AskAsync(upstream, Settings());
        Assert.True(facts.Tls!.ClientCertificateRequested);
        Assert.Equal(CauseId.TlsClientCertRequired, failure.Cause.Id);
    }

    [Fact]
    public async Task A_configured_client_certificate_is_sent()
    {
        using var leaf = Leaf();
        using var client = Leaf("client");
        var file = Path.Combine(_folder, "client.pfx");
        await File.WriteAllBytesAsync(file, client.Export(X509ContentType.Pkcs12, "secret"), Ct);
        await using var upstream = Upstream(new SslServerAuthenticationOptions
        {
            ServerCertificate = leaf,
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=client",
        });
        var (status, _, _) = await AskAsync(upstream, Settings(new CertificateSettings { Certificate = file, Password = "secret" }));
        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Fact]
    public async Task What_is_not_tls_is_told_from_what_is_silent_closed_or_reset()
    {
        foreach (var (script, cause) in new (Func<Conversation, Task>, string)[]
        {
            (async c => await c.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n"), CauseId.TlsToPlainHttpPort),
            (async c => await c.SendAsync("SSH-2.0-OpenSSH_9.2\r\n"), CauseId.TlsToPlainHttpPort),
            (c => c.HangAsync(), CauseId.TlsHandshakeTimeout),
            (async c => await c.ReadBodyAsync(10), CauseId.TlsHandshakeClosed),
            (async c =>
            {
                await c.ReadBodyAsync(10);
                c.Reset();
            }, CauseId.TlsHandshakeClosed),
            (async c =>
            {
                await c.ReadBodyAsync(10);
                await c.SendAsync("\u0015\u0003\u0003\0\u0002\u0002\u0070");
            }, CauseId.TlsSniRejected),
            (async c =>
            {
                await c.ReadBodyAsync(10);
                await c.SendAsync("\u0015\u0003\u0001\0\u0002\u0002\u0046");
            }, CauseId.TlsVersionOrCipherMismatch),
        })
        {
            await using var upstream = new ScriptedUpstream(script);
            var (_, facts, failure) = await AskAsync(upstream, Settings());
            Assert.True(cause == failure.Cause.Id, $"{cause} expected, {failure.Cause.Id} was given: {facts}");
        }
    }

    [Fact]
    public async Task Both_protocols_are_offered_and_a_peer_with_only_http1_is_spoken_to_in_it()
    {
        using var leaf = Leaf();
        await using var upstream = Upstream(new SslServerAuthenticationOptions { ServerCertificate = leaf, ApplicationProtocols = [SslApplicationProtocol.Http11] });
        await using var gateway = await ForwardingHarness.StartAsync($"https://127.0.0.1:{upstream.Port}", Settings());
        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => gateway.Client.GetStringAsync("/", Ct)));
        Assert.All(all, text => Assert.Equal("ok", text));
    }

    [Fact]
    public async Task Http2_required_and_not_offered_is_its_own_cause()
    {
        using var leaf = Leaf();
        await using var upstream = Upstream(new SslServerAuthenticationOptions { ServerCertificate = leaf, ApplicationProtocols = [SslApplicationProtocol.Http11] });
        await using var gateway = await ForwardingHarness.StartAsync(
            $"https://127.0.0.1:{upstream.Port}", Settings(), new() { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact });
        await gateway.Client.GetAsync("/", Ct);
        var facts = await gateway.NextFactsAsync();
        var cause = Classifier.Classify(new FailureFacts(new RequestFacts { Method = "GET" }, [facts])).Cause.Id;
        Assert.Equal(CauseId.HttpVersionNotNegotiated, cause);
    }
}
