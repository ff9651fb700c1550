using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Explanation.Guides;

/// <summary>HTTP/2 and gRPC to the app.</summary>
internal static class Http2Guides
{
    public static readonly Dictionary<string, GuideText> Table = new()
    {
        [CauseId.Http2ProtocolError] = new(
            "The conversation with the app in HTTP/2 broke a rule of that protocol, and the connection was given up.",
            new("app_bug", "The app's server or library sends frames that do not fit: an update of it helps, or HTTP/1.1 to this destination works."),
            new("middlebox_cut", "Asked on its own machine, the app's HTTP/2 is right: a load balancer or proxy in between garbles it."),
            new("wrong_port", "The port is not meant for HTTP/2 at all: another service answers in its own way.")),
        [CauseId.Http2GoawayOrRefused] = new(
            "The app's server said in HTTP/2 that it takes no more requests on this connection, or refused this one before working on it. It is safe to send again.",
            new("deploy_without_drain", "The code is NO_ERROR and it happens around a deploy or restart: the server is closing down in good order."),
            new("http2_server_limits", "It happens at a steady rhythm, with code NO_ERROR or ENHANCE_YOUR_CALM and without load: the server limits the age, the requests or the pings of a connection."),
            new("worker_pool_full", "The code is REFUSED_STREAM or ENHANCE_YOUR_CALM, under load: the server has too many requests at once.")),
        [CauseId.Http2StreamReset] = new(
            "The app's server broke off this one request in HTTP/2 (RST_STREAM). Other requests on the same connection go on.",
            new("app_crashed_on_request", "The code is INTERNAL_ERROR and the app's log has an exception for this path."),
            new("worker_timeout_kill", "The code is CANCEL or INTERNAL_ERROR after the same round time each time: a time limit of the app or of gRPC (deadline)."),
            new("app_bug", "It happens for one path at once, with nothing in the app's log: the app ends the answer without finishing it.")),
        [CauseId.HttpVersionMismatch] = new(
            "ProxyGate and the app speak different versions of HTTP on this port: one side HTTP/1.1, the other only HTTP/2.",
            new("h2c_or_grpc", "The app is a gRPC or HTTP/2-only server and the destination is configured for HTTP/1.1 (or the reverse): set the cluster's HttpRequest:Version and VersionPolicy."),
            new("wrong_port", "The app has two ports, one for gRPC and one for ordinary requests, and this is the other one.")),
    };
}
