using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace ProxyGate.Simulation.Wire;

/// <summary>An https upstream with a certificate made for it. The script runs when the handshake succeeded.</summary>
internal abstract class TlsFault(string id, string family, string summary, FaultExpectation expect) : TcpFault(id, family, summary, expect)
{
    protected sealed override string Scheme => "https";

    protected virtual X509Certificate2 Certificate(CertificateAuthority authority) => authority.Good;

    /// <summary>Certificates sent beside the server's own.</summary>
    protected virtual X509Certificate2Collection Chain(CertificateAuthority authority) => [];

    protected virtual SslProtocols Protocols => SslProtocols.Tls12 | SslProtocols.Tls13;

    protected virtual SslApplicationProtocol ApplicationProtocol => SslApplicationProtocol.Http11;

    /// <summary>Whether a client certificate is asked for, and whether a missing or foreign one ends the handshake.</summary>
    protected virtual (bool Asked, bool Required) ClientCertificate => (false, false);

    protected virtual async Task InTlsAsync(UpstreamConnection connection, CancellationToken cancellationToken)
    {
        while (await connection.ReadRequestAsync(cancellationToken) is not null)
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", cancellationToken);
    }

    protected override FaultClusterSettings Cluster(FaultEnvironment environment) =>
        FaultClusterSettings.Default with { TrustedCaFile = environment.TrustedCaFile };

    protected sealed override async Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
    {
        var authority = connection.Environment.Authority;
        var (asked, required) = ClientCertificate;
        var tls = new SslStream(connection.Stream, leaveInnerStreamOpen: true);
        await using (tls)
        {
            await tls.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    // Offline: without looking around for intermediates, so that a missing one stays missing.
                    ServerCertificateContext = SslStreamCertificateContext.Create(Certificate(authority), Chain(authority), offline: true),
                    EnabledSslProtocols = Protocols,
                    ApplicationProtocols = [ApplicationProtocol],
                    ClientCertificateRequired = asked,
                    RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                        !required || certificate?.Issuer == authority.Root.Subject,
                },
                cancellationToken);
            connection.Stream = tls;
            await InTlsAsync(connection, cancellationToken);
        }
    }
}

/// <summary>An https upstream that reads the ClientHello and answers it in its own way.</summary>
internal abstract class HelloFault(string id, string summary, FaultExpectation expect) : TcpFault(id, FaultFamily.Tls, summary, expect)
{
    protected sealed override string Scheme => "https";

    protected sealed override async Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
    {
        // A TLS record: type, version, length (RFC 8446 section 5.1).
        var header = await connection.ReadAsync(5, cancellationToken);
        if (header.Length == 5)
            await AfterHelloAsync(connection, await connection.ReadAsync((header[3] << 8) | header[4], cancellationToken), cancellationToken);
    }

    protected abstract Task AfterHelloAsync(UpstreamConnection connection, byte[] hello, CancellationToken cancellationToken);

    /// <summary>A fatal alert in a record of its own (RFC 8446 section 6).</summary>
    internal static byte[] Alert(byte description) => [0x15, 0x03, 0x03, 0x00, 0x02, 0x02, description];
}
