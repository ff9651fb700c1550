using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using ProxyGate.Gateway.Listeners;

namespace ProxyGate.Gateway.Tests.Listeners;

public class BoundAddressesTests
{
    [Fact]
    public async Task A_port_the_system_chose_is_named_and_what_was_configured_stays()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        await using var app = builder.Build();
        await app.StartAsync(TestContext.Current.CancellationToken);
        var server = app.Services.GetRequiredService<IServer>();
        var bound = BoundAddresses.All(server);
        Assert.Equal([bound[0], "http://localhost:8080"], BoundAddresses.Of(["http://127.0.0.1:0", "http://localhost:8080"], server));
        Assert.DoesNotContain(bound, a => a.EndsWith(":0", StringComparison.Ordinal));
        Assert.Equal(["http://127.0.0.1:0"], BoundAddresses.Of(["http://127.0.0.1:0"], null));
    }
}
