// YARP with nothing around it: what diagnosis is compared with. Same listeners and forwarding as the load rig expects.
using System.Net;
using Yarp.ReverseProxy.Configuration;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(k =>
{
    k.AddServerHeader = false;
    k.Listen(IPAddress.Loopback, int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture));
});
builder.Services.AddReverseProxy().LoadFromMemory(
    [
        new RouteConfig { RouteId = "dead", ClusterId = "dead", Match = new RouteMatch { Path = "/dead" } },
        new RouteConfig { RouteId = "all", ClusterId = "up", Match = new RouteMatch { Path = "/{**rest}" } },
    ],
    [
        new ClusterConfig { ClusterId = "up", Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = "http://127.0.0.1:19000" } } },
        new ClusterConfig { ClusterId = "dead", Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = "http://127.0.0.1:19999" } } },
    ]);
var app = builder.Build();
app.MapReverseProxy();
app.Run();
