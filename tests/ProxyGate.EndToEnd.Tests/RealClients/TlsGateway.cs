using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.RealClients;

/// <summary>The gateway in front of the healthy app, listening in plain http and in https with a certificate of its own.</summary>
internal sealed class TlsGateway : IAsyncDisposable
{
    private readonly TestFolder _folder = new();
    private readonly TestAuthority _authority;
    private GatewayInFront? _gateway;

    private TlsGateway() => _authority = new TestAuthority(_folder);

    public GatewayInFront InFront => _gateway!;

    public GatewayProcess Process => _gateway!.Process;

    public string Folder => _folder.Path;

    public string RootFile => _authority.RootFile;

    public Uri Plain => Process.Addresses.First(a => a.Scheme == "http");

    /// <summary>By the name in its certificate.</summary>
    public Uri Secure => new UriBuilder(Process.Addresses.First(a => a.Scheme == "https")) { Host = "localhost" }.Uri;

    public static async Task<TlsGateway> StartAsync(string upstream, Action<JsonObject>? change = null, params string[] names)
    {
        var made = new TlsGateway();
        made._gateway = await GatewayInFront.StartAsync(made._folder, upstream, config =>
        {
            var section = config["ProxyGate"]!.AsObject();
            section["Listen"] = new JsonArray("http://127.0.0.1:0", "https://127.0.0.1:0");
            var certificates = new JsonArray();
            foreach (var name in names.Length == 0 ? ["localhost"] : names)
            {
                var (certificate, key) = made._authority.Make(name);
                certificates.Add((JsonNode)new JsonObject { ["Certificate"] = certificate, ["Key"] = key });
            }

            section["Certificates"] = certificates;
            change?.Invoke(config);
        });
        return made;
    }

    /// <summary>A client side that trusts this gateway's root and nothing else.</summary>
    public SocketsHttpHandler Handler()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(RootFile));
        return new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = policy }, AllowAutoRedirect = false };
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null) await _gateway.DisposeAsync();
        _authority.Dispose();
        _folder.Dispose();
    }
}
