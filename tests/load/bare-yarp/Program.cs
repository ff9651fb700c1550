// YARP with nothing around it: what diagnosis is compared with. Same listeners and forwarding as the load rig expects.
//   BareYarp PORT [UPSTREAM_PORT DEAD_PORT [TLS_PORT CERTIFICATE KEY]]
using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Yarp.ReverseProxy.Configuration;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(k =>
{
    k.AddServerHeader = false;
    k.Listen(IPAddress.Loopback, Port(0, 0));
    if (args.Length > 5) k.Listen(IPAddress.Loopback, Port(3, 0), l => l.UseHttps(X509Certificate2.CreateFromPemFile(args[4], args[5])));
});
builder.Services.AddReverseProxy().LoadFromMemory(
    [
        new RouteConfig { RouteId = "dead", ClusterId = "dead", Match = new RouteMatch { Path = "/dead" } },
        new RouteConfig { RouteId = "all", ClusterId = "up", Match = new RouteMatch { Path = "/{**rest}" } },
    ],
    [
        new ClusterConfig { ClusterId = "up", Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = $"http://127.0.0.1:{Port(1, 19000)}" } } },
        new ClusterConfig { ClusterId = "dead", Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = $"http://127.0.0.1:{Port(2, 19999)}" } } },
    ]);
var app = builder.Build();
app.MapReverseProxy();
app.Run();

int Port(int place, int absent) => args.Length > place ? int.Parse(args[place], CultureInfo.InvariantCulture) : absent;
