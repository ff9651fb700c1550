using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Investigation.Probing;

namespace ProxyGate.Investigation.Tests.Probing.Network;

/// <summary>
/// The probe in a process of its own, inside a network namespace: one question a line comes in, one answer a line goes out. It begins with a
/// look at nothing, so that compiling takes no part in the times.
/// </summary>
internal sealed class ProbeChild : IAsyncDisposable
{
    private static readonly JsonSerializerOptions s_json = new() { Converters = { new AddressConverter(), new JsonStringEnumConverter() } };
    private readonly Process _process;

    private ProbeChild(Process process) => _process = process;

    public static async Task<int> RunAsync()
    {
        var probe = new ProbeLook();
        var memory = new DnsMemory();
        await probe.LookAsync(Ask("connect_timeout", "127.0.0.1:9"), memory, CancellationToken.None);
        await Console.Out.WriteLineAsync("ready");
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var question = JsonSerializer.Deserialize<Asked>(line)!;
            var result = await probe.LookAsync(Ask(question.Cause, question.Address, question.Others), memory, CancellationToken.None);
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(result, s_json));
        }

        return 0;
    }

    public static async Task<ProbeChild> StartAsync(IEnumerable<string> prefix)
    {
        string[] all = [.. prefix, Environment.ProcessPath!, "probe"];
        var start = new ProcessStartInfo(all[0], all[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        var child = new ProbeChild(Process.Start(start)!);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        Assert.Equal("ready", await child._process.StandardOutput.ReadLineAsync(limit.Token));
        return child;
    }

    /// <summary>The probe where the gateway is; as a user without any privilege if asked.</summary>
    public static Task<ProbeChild> StartAsync(ProbeLab lab, bool unprivileged = false)
    {
        Assert.SkipWhen(ProbeLab.ImpossibleBecause() is not null, ProbeLab.ImpossibleBecause() ?? "");
        string[] enter = ["ip", "netns", "exec", lab.GatewayNamespace];
        return StartAsync(unprivileged ? [.. enter, "setpriv", "--bounding-set", "-all", "--inh-caps", "-all", "--clear-groups", "--reuid", "65534", "--regid", "65534"] : enter);
    }

    public async Task<ProbeResult> LookAsync(string cause, string address, params string[] others)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new Asked(cause, address, others)).AsMemory(), limit.Token);
        await _process.StandardInput.FlushAsync(limit.Token);
        var line = await _process.StandardOutput.ReadLineAsync(limit.Token);
        Assert.NotNull(line);
        return JsonSerializer.Deserialize<ProbeResult>(line, s_json)!;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static Question Ask(string cause, string address, params string[] others) => new()
    {
        Destination = "web/1",
        ConfiguredUrl = "http://" + address,
        Address = IPEndPoint.Parse(address),
        Cause = cause,
        FailedAt = DateTimeOffset.UnixEpoch,
        OtherConfigured = [.. others.Select(IPEndPoint.Parse)],
    };

    private sealed record Asked(string Cause, string Address, string[] Others);

    private sealed class AddressConverter : JsonConverter<IPAddress>
    {
        public override IPAddress Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => IPAddress.Parse(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, IPAddress value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
