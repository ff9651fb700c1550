using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ProxyGate.Simulation.Wire;

namespace ProxyGate.Simulation.Faults;

/// <summary>Handshakes that fail: by certificate, by alert, by silence, by the client certificate, after the handshake.</summary>
internal static class TlsFaults
{
    private const string Tls = FaultFamily.Tls;

    internal static IReadOnlyList<Fault> All { get; } =
    [
        new Expired(), new NotYetValid(), new WrongName(), new WrongServerName(), new SelfSigned(), new UnknownCa(), new MissingIntermediate(),
        new WrongUsage(),
        new OldServerHello(), new VersionAlert(), new NoSharedCipher(), new UnrecognizedName(), new InternalError(), new AccessDenied(),
        new HandshakeHang(), new HandshakeClose(), new HandshakeReset(),
        new ClientCertificate12(), new ClientCertificate13(), new ClientCertificateForeign(), new ClientCertificateNginxPage(),
        new NoHttp2(), new CloseNoByte(), new Truncated(),
        new Good(), new GoodChain(), new ClientCertificateGood(),
    ];

    private sealed class Expired() : TlsFault("tls-expired", Tls, "Shows a certificate that has expired.", Expects.CertExpired)
    {
        protected override X509Certificate2 Certificate(CertificateAuthority authority) => authority.Expired;
    }

    private sealed class NotYetValid() : TlsFault("tls-not-yet-valid", Tls,
        "Shows a certificate that is valid only from a later day.", Expects.CertNotYetValid)
    {
        protected override X509Certificate2 Certificate(CertificateAuthority authority) => authority.NotYetValid;
    }

    private sealed class WrongName() : TlsFault("tls-wrong-name", Tls,
        "Shows a certificate for other.example, and is asked for by its address.", Expects.CertName)
    {
        protected override X509Certificate2 Certificate(CertificateAuthority authority) => authority.WrongName;
    }

    private sealed class WrongServerName() : TlsFault("tls-wrong-server-name", Tls,
        "Shows a certificate for other.example, and is asked for as app.test.", Expects.CertName)
    {
        protected override X509Certificate2 Certificate(CertificateAuthority authority) => authority.WrongName;

        protected override FaultClusterSettings Cluster(FaultEnvironment environment) =>
            base.Cluster(environment) with { ServerName = CertificateAuthority.ServerName };
    }

    private sealed class SelfSigned() : TlsFault("tls-self-signed", Tls, "Shows a certificate that it signed itself.", Expects.CertUntrusted)
    {
        protected override X509Certificate2 Certificate(CertificateAuthority authority) => authority.SelfSigned;
    }

    private sealed class UnknownCa() : TlsFault("tls-unknown-ca", Tls,
        "Shows a certificate of an authority the gateway does not trust.", Expects.CertUntrusted)
    {
        protected override X509Certificate2 Certificate(CertificateAuthority authority) => authority.OfUnknownRoot;
    }

    private sealed class MissingIntermediate() : TlsFault("tls-missing-intermediate", Tls,
        "Shows a good certificate, but not the intermediate that signed it.", Expects.CertUntrusted)
    {
        protected override X509Certificate2 Certificate(CertificateAuthority authority) => authority.OfIntermediate;
    }

    private sealed class WrongUsage() : TlsFault("tls-wrong-usage", Tls,
        "Shows a certificate that is meant for clients, not for servers.", Expects.CertUntrusted)
    {
        protected override X509Certificate2 Certificate(CertificateAuthority authority) => authority.ForClientsOnly;
    }

    private sealed class OldServerHello() : HelloFault("tls-old-server",
        "Speaks TLS 1.0 only: it answers with a ServerHello of that version, which our side refuses.", Expects.TlsMismatch)
    {
        protected override async Task AfterHelloAsync(UpstreamConnection connection, byte[] hello, CancellationToken cancellationToken)
        {
            // ServerHello of TLS 1.0: random, no session, TLS_RSA_WITH_AES_128_CBC_SHA, no compression (RFC 2246 section 7.4.1.3).
            byte[] record = [0x16, 0x03, 0x01, 0x00, 0x2a, 0x02, 0x00, 0x00, 0x26, 0x03, 0x01, .. new byte[32], 0x00, 0x00, 0x2f, 0x00];
            await connection.SendAsync(record, cancellationToken);
            await connection.HangAsync(cancellationToken);
        }
    }

    private abstract class AlertFault(string id, string summary, byte alert, FaultExpectation expect) : HelloFault(id, summary, expect)
    {
        protected sealed override Task AfterHelloAsync(UpstreamConnection connection, byte[] hello, CancellationToken cancellationToken) =>
            connection.SendAsync(Alert(alert), cancellationToken);
    }

    private sealed class VersionAlert() : AlertFault("tls-version-alert",
        "Refuses every TLS version the gateway offers (alert 70).", 70, Expects.TlsMismatch);

    private sealed class NoSharedCipher() : AlertFault("tls-no-shared-cipher",
        "Shares no cipher with the gateway (alert 40).", 40, Expects.TlsMismatch);

    private sealed class UnrecognizedName() : AlertFault("tls-unrecognized-name",
        "Knows no site of the name it is asked for (alert 112).", 112, Expects.TlsSniRejected)
    {
        protected override FaultClusterSettings Cluster(FaultEnvironment environment) => FaultClusterSettings.Default with { ServerName = "wrong.test" };
    }

    private sealed class InternalError() : AlertFault("tls-internal-error", "Fails inside its own TLS (alert 80).", 80, Expects.TlsAlert);

    private sealed class AccessDenied() : AlertFault("tls-access-denied", "Refuses the gateway by its own rule (alert 49).", 49, Expects.TlsAlert);

    private sealed class HandshakeHang() : HelloFault("tls-handshake-hang", "Reads the ClientHello and never answers it.", Expects.TlsTimeout)
    {
        protected override Task AfterHelloAsync(UpstreamConnection connection, byte[] hello, CancellationToken cancellationToken) =>
            connection.HangAsync(cancellationToken);
    }

    private sealed class HandshakeClose() : HelloFault("tls-handshake-close", "Closes on the ClientHello.", Expects.TlsClosed)
    {
        protected override Task AfterHelloAsync(UpstreamConnection connection, byte[] hello, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class HandshakeReset() : HelloFault("tls-handshake-reset", "Resets on the ClientHello.", Expects.TlsClosed)
    {
        protected override Task AfterHelloAsync(UpstreamConnection connection, byte[] hello, CancellationToken cancellationToken)
        {
            connection.Reset();
            return Task.CompletedTask;
        }
    }

    /// <summary>Demands a client certificate of the trusted root.</summary>
    private abstract class Demanding(string id, string summary, FaultExpectation expect, SslProtocols protocols) : TlsFault(id, Tls, summary, expect)
    {
        protected sealed override SslProtocols Protocols => protocols;

        protected sealed override (bool Asked, bool Required) ClientCertificate => (true, true);
    }

    private sealed class ClientCertificate12() : Demanding("mtls-12-required",
        "Demands a client certificate in the handshake (TLS 1.2).", Expects.ClientCertRequired, SslProtocols.Tls12);

    private sealed class ClientCertificate13() : Demanding("mtls-13-required",
        "Demands a client certificate and refuses after the handshake (TLS 1.3).",
        Expects.ClientCertRequired, SslProtocols.Tls13);

    private sealed class ClientCertificateForeign() : Demanding("mtls-13-foreign-certificate",
        "Demands a client certificate and is shown one of an authority it does not trust.",
        Expects.ClientCertRequired.OrElse(
            "In TLS 1.3 the refusal comes after the client's handshake is done, and without an alert it looks like any other close.",
            Expects.ClosedWithoutResponse, Expects.ResetWithoutResponse, Expects.SendFailed, Expects.TlsAlert), SslProtocols.Tls13)
    {
        protected override FaultClusterSettings Cluster(FaultEnvironment environment) => base.Cluster(environment) with
        {
            ClientCertificateFile = environment.Authority.ForeignClient.Certificate,
            ClientKeyFile = environment.Authority.ForeignClient.Key,
        };
    }

    private sealed class ClientCertificateGood() : Demanding("mtls-accepted",
        "Demands a client certificate and is shown a good one: a control.", Expects.Fine(), SslProtocols.None)
    {
        protected override FaultClusterSettings Cluster(FaultEnvironment environment) => base.Cluster(environment) with
        {
            ClientCertificateFile = environment.Authority.Client.Certificate,
            ClientKeyFile = environment.Authority.Client.Key,
        };
    }

    private sealed class ClientCertificateNginxPage() : TlsFault("mtls-nginx-page", Tls,
        "Asks for a client certificate and, when there is none, says so with a 400 page, as nginx does.",
        Expects.ClientCertRequired)
    {
        private const string Page =
            "<html>\r\n<head><title>400 No required SSL certificate was sent</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n" +
            "<center>No required SSL certificate was sent</center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n";

        protected override (bool Asked, bool Required) ClientCertificate => (true, false);

        protected override async Task InTlsAsync(UpstreamConnection connection, CancellationToken cancellationToken)
        {
            await connection.ReadRequestAsync(cancellationToken);
            await connection.SendAsync(Answers.Page(400, "Bad Request", "nginx/1.22.1", Page), cancellationToken);
        }
    }

    private sealed class NoHttp2() : TlsFault("tls-alpn-no-http2", Tls, "Speaks HTTP/1.1 only where HTTP/2 is demanded.", Expects.VersionNotNegotiated)
    {
        protected override FaultClusterSettings Cluster(FaultEnvironment environment) =>
            FaultClusterSettings.Http2 with { TrustedCaFile = environment.TrustedCaFile };
    }

    private sealed class CloseNoByte() : TlsFault("tls-close-no-byte", Tls,
        "Reads the request over TLS and closes without a byte.", Expects.ClosedWithoutResponse)
    {
        protected override Task InTlsAsync(UpstreamConnection connection, CancellationToken cancellationToken) =>
            connection.ReadRequestAsync(cancellationToken);
    }

    private sealed class Truncated() : TlsFault("tls-truncated", Tls,
        "Closes over TLS in the middle of its body, without a close_notify.", Expects.BodyTruncated)
    {
        protected override async Task InTlsAsync(UpstreamConnection connection, CancellationToken cancellationToken)
        {
            await connection.ReadRequestAsync(cancellationToken);
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789", cancellationToken);
            await UpstreamConnection.PauseAsync(cancellationToken);
            await connection.CloseAsync(cancellationToken);
        }
    }

    private sealed class Good() : TlsFault("tls-good", Tls, "Has a good certificate: a control.", Expects.Fine());

    private sealed class GoodChain() : TlsFault("tls-good-chain", Tls, "Sends its intermediate, as it should: a control.", Expects.Fine())
    {
        protected override X509Certificate2 Certificate(CertificateAuthority authority) => authority.OfIntermediate;

        protected override X509Certificate2Collection Chain(CertificateAuthority authority) => [authority.Intermediate];
    }
}
