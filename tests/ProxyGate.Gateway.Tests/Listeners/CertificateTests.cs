using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Tests.Configuration;

namespace ProxyGate.Gateway.Tests.Listeners;

public sealed class CertificateTests : IDisposable
{
    private readonly TestCertificates _files = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("exact.example", "CN=exact.example")]
    [InlineData("EXACT.example", "CN=exact.example")]
    [InlineData("a.wild.example", "CN=*.wild.example")]
    [InlineData("b.wild.example", "CN=b.wild.example")]
    [InlineData("a.b.wild.example", "CN=first.example")]
    [InlineData("wild.example", "CN=first.example")]
    [InlineData("elsewhere.example", "CN=first.example")]
    [InlineData("named.example", "CN=exact.example")]
    [InlineData("", "CN=first.example")]
    public async Task The_certificate_is_chosen_by_the_name_the_client_asks_for(string name, string expected)
    {
        await using var server = await StartAsync(
            Settings(Write("first.example")),
            Settings(Write("*.wild.example")),
            Settings(Write("b.wild.example")),
            Settings(Write("exact.example")) with { Names = ["exact.example", "named.example"] });

        var (subject, _, _, _) = await HandshakeAsync(server.Port, name);

        Assert.Equal(expected, subject);
    }

    [Fact]
    public async Task The_whole_chain_of_the_file_is_sent_and_modern_protocols_are_spoken()
    {
        using var rootKey = RSA.Create(2048);
        var rootRequest = new CertificateRequest("CN=Root", rootKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var root = rootRequest.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        using var middleKey = RSA.Create(2048);
        var middleRequest = new CertificateRequest("CN=Middle", middleKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        middleRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var middle = middleRequest.Create(root, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(20), [1]).CopyWithPrivateKey(middleKey);
        using var leafKey = RSA.Create(2048);
        var leafRequest = new CertificateRequest("CN=leaf.example", leafKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var leaf = leafRequest.Create(middle, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(10), [2]);
        var certificate = _files.Write("chain.pem", leaf.ExportCertificatePem() + "\n" + middle.ExportCertificatePem() + "\n");
        var key = _files.Write("leaf.key", leafKey.ExportPkcs8PrivateKeyPem());
        await using var server = await StartAsync(new CertificateSettings { Certificate = certificate, Key = key });

        var (subject, sent, protocol, alpn) = await HandshakeAsync(server.Port, "leaf.example");

        Assert.Equal("CN=leaf.example", subject);
        Assert.Contains("CN=Middle", sent);
        Assert.Equal(SslProtocols.Tls13, protocol);
        Assert.Equal("h2", alpn);
        var (_, _, older, _) = await HandshakeAsync(server.Port, "leaf.example", SslProtocols.Tls12);
        Assert.Equal(SslProtocols.Tls12, older);
#pragma warning disable SYSLIB0039, CA5397 // What must be refused.
        await Assert.ThrowsAnyAsync<Exception>(() => HandshakeAsync(server.Port, "leaf.example", SslProtocols.Tls11));
#pragma warning restore SYSLIB0039, CA5397
    }

    [Fact]
    public async Task A_changed_file_is_served_and_a_bad_one_leaves_the_old_and_says_why()
    {
        var file = Write("old.example");
        await using var server = await StartAsync(Settings(file));
        Assert.Equal("CN=old.example", (await HandshakeAsync(server.Port, "x")).Subject);

        await File.WriteAllTextAsync(file, "-----BEGIN CERTIFICATE-----\nhalf", Stop);
        await ListenerHarness.UntilAsync(() => server.Log.Lines.Any(l => l.StartsWith("Warning: ", StringComparison.Ordinal)));
        Assert.Contains(server.Log.Lines, l => l.EndsWith("The certificate read before stays in use.", StringComparison.Ordinal) && l.Contains(file, StringComparison.Ordinal));
        Assert.Equal("CN=old.example", (await HandshakeAsync(server.Port, "x")).Subject);

        using var renewed = TestCertificates.Make("new.example");
        // As certbot does it: a new file in the old one's place.
        File.Move(_files.WritePem("renewed.pem", renewed), file, overwrite: true);
        await ListenerHarness.UntilAsync(() => server.Certificates.Choose("x")!.ServerCertificateContext!.TargetCertificate.Subject == "CN=new.example");
        Assert.Equal("CN=new.example", (await HandshakeAsync(server.Port, "x")).Subject);
    }

    [Fact]
    public async Task A_change_of_the_settings_changes_the_certificates()
    {
        await using var server = await StartAsync(Settings(Write("a.example")));
        server.Settings.TakeOver(server.Settings.Current with { Certificates = [Settings(Write("b.example"))] });
        Assert.Equal("CN=b.example", (await HandshakeAsync(server.Port, "a.example")).Subject);
    }

    private static Task<ListenerHarness> StartAsync(params CertificateSettings[] certificates) => ListenerHarness.StartAsync(
        new GatewaySettings { Listen = ["https://127.0.0.1:0"], Certificates = certificates },
        app => app.Run(context => context.Response.WriteAsync(context.Request.Scheme)));

    private static CertificateSettings Settings(string file) => new() { Certificate = file };

    private string Write(string name)
    {
        using var certificate = TestCertificates.Make(name);
        return _files.WritePem(name.Replace('*', '_') + ".pem", certificate);
    }

    private static async Task<(string Subject, string[] Sent, SslProtocols Protocol, string Alpn)> HandshakeAsync(
        int port, string name, SslProtocols protocols = SslProtocols.None)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, Stop);
        string[] sent = [];
        await using var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, _, chain, _) =>
        {
            sent = [.. chain!.ChainPolicy.ExtraStore.Select(c => c.Subject)];
            return true;
        });
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = name,
            EnabledSslProtocols = protocols,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        }, Stop);
        return (tls.RemoteCertificate!.Subject, sent, tls.SslProtocol, tls.NegotiatedApplicationProtocol.ToString());
    }
}
