using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Listeners;

namespace ProxyGate.Gateway.Tests.Listeners;

public class PrefaceSwitchTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_is_gone_before_it_was_heard_is_no_trouble_of_ours(bool beforeTheLook)
    {
        var served = false;
        var preface = new PrefaceSwitch(
            _ =>
            {
                served = true;
                return Task.CompletedTask;
            },
            null!,
            new FixedSettings(),
            TimeProvider.System);
        var input = new Pipe();
        await using var connection = new DefaultConnectionContext { Transport = new Transport(input.Reader, new Pipe().Writer) };
        var gone = new ConnectionResetException("Connection reset by peer", new SocketException((int)SocketError.ConnectionReset));
        if (beforeTheLook) await input.Writer.CompleteAsync(gone);

        var look = preface.OnConnectionAsync(connection);
        if (!beforeTheLook) await input.Writer.CompleteAsync(gone);
        await look.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        Assert.False(served);
    }

    private sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class FixedSettings : IGatewaySettingsSource
    {
        public GatewaySettings Current { get; } = new();

        public event Action<GatewaySettings>? Changed
        {
            add { }
            remove { }
        }
    }
}
