using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace ProxyGate.Investigation.Host.Services;

/// <summary>Asks the Kubernetes API, with the rights the pod was given, for the pod that has an address. It needs get and list on pods.</summary>
internal static class Kubernetes
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMilliseconds(900);

    public static bool IsHere(HostPaths paths) => paths.KubernetesApi is not null && File.Exists(Path.Combine(paths.ServiceAccount, "token"));

    public static async Task<PodSeen?> SeeAsync(Sight sight, IPAddress address)
    {
        const string Shows = "the last state of the pod";
        var folder = sight.Paths.ServiceAccount;
        var token = Sight.ReadText(Path.Combine(folder, "token"))?.Trim();
        var place = Sight.ReadText(Path.Combine(folder, "namespace"), 1024)?.Trim();
        if (string.IsNullOrEmpty(token) || string.IsNullOrEmpty(place))
        {
            sight.Miss(Shows, "the service account's token cannot be read");
            return null;
        }

        using var trusted = new Trust(Path.Combine(folder, "ca.crt"));
        using var handler = new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, errors) => trusted.Accepts(certificate, errors);
        using var client = new HttpClient(handler) { BaseAddress = sight.Paths.KubernetesApi, Timeout = s_limit, MaxResponseContentBufferSize = 4 * 1024 * 1024 };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var path = $"api/v1/namespaces/{Uri.EscapeDataString(place)}/pods?fieldSelector={Uri.EscapeDataString("status.podIP=" + address)}";
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative), sight.Stop);
        if (response.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized)
        {
            sight.Miss(Shows, $"the service account may not list pods in {PlainText.Of(place, 100)} (get, list on pods)");
            return null;
        }

        if (!response.IsSuccessStatusCode) throw new IOException($"the Kubernetes API answered {(int)response.StatusCode}");
        using var list = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(sight.Stop));
        return PodSeen.Parse(list.RootElement);
    }

    /// <summary>The cluster's own authority, and no other, speaks for its API.</summary>
    private sealed class Trust(string file) : IDisposable
    {
        private readonly X509Certificate2Collection _roots = Load(file);

        public bool Accepts(X509Certificate? certificate, SslPolicyErrors errors)
        {
            if (certificate is not X509Certificate2 leaf || errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) || _roots.Count == 0) return false;
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(_roots);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.DisableCertificateDownloads = true;
            return chain.Build(leaf);
        }

        public void Dispose()
        {
            foreach (var root in _roots) root.Dispose();
        }

        private static X509Certificate2Collection Load(string file)
        {
            var roots = new X509Certificate2Collection();
            if (File.Exists(file)) roots.ImportFromPemFile(file);
            return roots;
        }
    }
}
