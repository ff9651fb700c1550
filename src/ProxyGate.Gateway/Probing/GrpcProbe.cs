using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Forwarding;
using ProxyGate.Gateway.Health;

namespace ProxyGate.Gateway.Probing;

/// <summary>Asks <c>grpc.health.v1.Health/Check</c> (the gRPC health checking protocol): always over HTTP/2, whatever the cluster's requests use.</summary>
internal static class GrpcProbe
{
    private const string Method = "/grpc.health.v1.Health/Check";
    private const int Ok = 0;
    private const int NotFound = 5;
    private const int Unimplemented = 12;

    private static readonly string[] s_states = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];

    public static async Task<HealthReason?> AskAsync(ProbeSetting probe, UpstreamClient client, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var request = HttpProbe.Request(probe, HttpMethod.Post, new Uri(probe.Target, Method));
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        request.Headers.TryAddWithoutValidation("TE", "trailers");
        request.Content = new ByteArrayContent(Question(probe.Health.Service));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        return await HttpProbe.SendAsync(probe, client, request, (_, response, body) => Judge(response, body, probe.Health.Service), clock, cancellationToken);
    }

    /// <summary>A length-prefixed <c>HealthCheckRequest { string service = 1; }</c>.</summary>
    internal static byte[] Question(string service)
    {
        var name = Encoding.UTF8.GetBytes(service);
        var message = new List<byte>();
        if (name.Length > 0)
        {
            message.Add(0x0A);
            for (var length = name.Length; ; length >>= 7)
            {
                message.Add((byte)(length > 0x7F ? (length & 0x7F) | 0x80 : length));
                if (length <= 0x7F) break;
            }

            message.AddRange(name);
        }

        var frame = new byte[5 + message.Count];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Count);
        message.CopyTo(frame, 5);
        return frame;
    }

    private static string? Judge(HttpResponseMessage response, byte[] body, string service)
    {
        if (response.StatusCode != HttpStatusCode.OK) return $"{Method} was answered with HTTP status {(int)response.StatusCode}, which is not how gRPC answers.";
        var status = Field(response.TrailingHeaders) ?? Field(response.Headers);
        var named = service.Length == 0 ? "the server" : $"service \"{HostileText.Line(service, 100)}\"";
        if (!int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var code)) return $"{Method} was answered without a grpc-status.";
        return code switch
        {
            Ok => State(body) switch
            {
                1 => null,
                { } state => $"gRPC health says that {named} is {(state < s_states.Length ? s_states[state] : $"in the state {state}")}.",
                null => $"The answer to {Method} is no HealthCheckResponse.",
            },
            NotFound => $"gRPC health does not know {named} (grpc-status 5).",
            Unimplemented => $"The server has no gRPC health service (grpc-status 12): add one, or set ProxyGate's Health:Kind to tcp.",
            _ => $"{Method} was answered with grpc-status {code}.",
        };
    }

    private static string? Field(HttpHeaders headers) => headers.NonValidated.TryGetValues("grpc-status", out var values) ? values.ToString() : null;

    /// <summary>The <c>status</c> (field 1, a varint; absent means 0) of a length-prefixed HealthCheckResponse; absent when it is none.</summary>
    internal static int? State(ReadOnlySpan<byte> body)
    {
        if (body.Length < 5 || body[0] != 0) return null;
        var length = BinaryPrimitives.ReadInt32BigEndian(body[1..]);
        if (length < 0 || length > body.Length - 5) return null;
        var message = body.Slice(5, length);
        return message.Length == 0 ? 0 : message is [0x08, < 0x80, ..] ? message[1] : null;
    }
}
