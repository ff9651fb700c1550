namespace ProxyGate.Gateway.Configuration;

internal static class UnixDestinations
{
    public static bool TryGetPath(string host, out string path) { path = ""; return host.Length < 0; }
    public static string Display(string address) => address;
}
