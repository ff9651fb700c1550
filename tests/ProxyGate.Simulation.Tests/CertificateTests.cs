using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace ProxyGate.Simulation.Tests;

public sealed class CertificateTests
{
    [Theory]
    [InlineData("tls-good", X509ChainStatusFlags.NoError, false)]
    [InlineData("tls-good-chain", X509ChainStatusFlags.NoError, false)]
    [InlineData("tls-expired", X509ChainStatusFlags.NotTimeValid, false)]
    [InlineData("tls-not-yet-valid", X509ChainStatusFlags.NotTimeValid, false)]
    [InlineData("tls-wrong-name", X509ChainStatusFlags.NoError, true)]
    [InlineData("tls-self-signed", X509ChainStatusFlags.UntrustedRoot, false)]
    [InlineData("tls-unknown-ca", X509ChainStatusFlags.PartialChain, false)]
    [InlineData("tls-missing-intermediate", X509ChainStatusFlags.PartialChain, false)]
    [InlineData("tls-wrong-usage", X509ChainStatusFlags.NotValidForUsage, false)]
    public async Task A_client_that_trusts_the_root_finds_exactly_this_fault(string id, X509ChainStatusFlags status, bool wrongName)
    {
        await using var environment = LifeTests.NewEnvironment();
        await using var running = await FaultCatalogue.Find(id)!.StartAsync(environment, TestContext.Current.CancellationToken);
        using var root = X509CertificateLoader.LoadCertificateFromFile(running.Cluster.TrustedCaFile!);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, new Uri(running.Destination!).Port, TestContext.Current.CancellationToken);
        var seen = X509ChainStatusFlags.NoError;
        var mismatch = false;
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "127.0.0.1",
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { root },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
                RemoteCertificateValidationCallback = (_, _, chain, errors) =>
                {
                    seen = chain!.ChainStatus.Aggregate(seen, (all, one) => all | one.Status);
                    mismatch = errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch);
                    return true;
                },
            },
            TestContext.Current.CancellationToken);
        Assert.Equal(status, seen & (status | ~X509ChainStatusFlags.OfflineRevocation));
        Assert.Equal(wrongName, mismatch);
    }

    [Theory]
    [InlineData("mtls-12-required", false, false)]
    [InlineData("mtls-13-required", false, false)]
    [InlineData("mtls-13-foreign-certificate", true, false)]
    [InlineData("mtls-accepted", true, true)]
    public async Task A_client_certificate_is_demanded(string id, bool shown, bool accepted)
    {
        await using var environment = LifeTests.NewEnvironment();
        await using var running = await FaultCatalogue.Find(id)!.StartAsync(environment, TestContext.Current.CancellationToken);
        Assert.Equal(shown, running.Cluster.ClientCertificateFile is not null);
        using var certificate = shown
            ? X509Certificate2.CreateFromPemFile(running.Cluster.ClientCertificateFile!, running.Cluster.ClientKeyFile)
            : null;
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, new Uri(running.Destination!).Port, TestContext.Current.CancellationToken);
        using var root = X509CertificateLoader.LoadCertificateFromFile(running.Cluster.TrustedCaFile!);
        var buffer = new byte[256];
        var answered = false;
        try
        {
            await using var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "localhost",
                    ClientCertificates = certificate is null ? [] : [certificate],
                    CertificateChainPolicy = new X509ChainPolicy
                    {
                        TrustMode = X509ChainTrustMode.CustomRootTrust,
                        CustomTrustStore = { root },
                        RevocationMode = X509RevocationMode.NoCheck,
                    },
                },
                TestContext.Current.CancellationToken);
            await tls.WriteAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
            answered = await tls.ReadAsync(buffer, TestContext.Current.CancellationToken) > 0;
        }
        catch (Exception refused) when (refused is IOException or AuthenticationException)
        {
            // The refusal may come in the handshake or after it.
        }

        Assert.Equal(accepted, answered);
    }
}
