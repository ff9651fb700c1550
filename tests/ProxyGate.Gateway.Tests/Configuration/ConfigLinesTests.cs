using ProxyGate.Gateway.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace ProxyGate.Gateway.Tests.Configuration;

/// <summary>Where a route and a destination are written, as a page tells it.</summary>
public sealed class ConfigLinesTests
{
    private const string TwoRoutes = """
        {
          // The shop and its helper.
          "ReverseProxy": {
            "Routes": {
              "shop": {
                "ClusterId": "app",
                "Match": { "Hosts": ["shop.example", "www.shop.example"], "Path": "/api/{**rest}" }
              },
              "rest": { "ClusterId": "app", "Match": { "Path": "{**rest}", "Methods": ["GET", "HEAD"] } }
            },
            "Clusters": {
              "app": {
                "Destinations": {
                  "one": { "Address": "http://localhost:5000" },
                  "two": {
                    "Health": "http://localhost:5001/health",
                    "Address": "http://localhost:5001"
                  }
                }
              }
            }
          }
        }
        """;

    [Fact]
    public async Task A_route_and_an_address_are_found_on_their_lines_by_the_files_name_alone()
    {
        var lines = (await ConfigFile.LoadAsync(TwoRoutes)).Lines;

        Assert.Equal(new RouteLine("proxygate.json:5", "shop.example,www.shop.example/api/{**rest}"), lines.OfRoute("shop"));
        Assert.Equal(new RouteLine("proxygate.json:9", "GET|HEAD /{**rest}"), lines.OfRoute("rest"));
        Assert.Equal("proxygate.json:14", lines.OfDestination("app", "one"));
        Assert.Equal("proxygate.json:17", lines.OfDestination("app", "two"));
    }

    [Fact]
    public async Task What_is_not_in_the_file_has_no_line()
    {
        var lines = (await ConfigFile.LoadAsync(TwoRoutes)).Lines;

        Assert.Null(lines.OfRoute("blog"));
        Assert.Null(lines.OfRoute(null));
        Assert.Null(lines.OfDestination("app", "three"));
        Assert.Null(lines.OfDestination(null, "one"));
    }

    [Fact]
    public async Task An_address_from_the_environment_names_its_variable()
    {
        var lines = (await ConfigFile.LoadAsync(TwoRoutes, ("ReverseProxy__Clusters__app__Destinations__one__Address", "http://localhost:5005"))).Lines;

        Assert.Equal("environment variable ReverseProxy__Clusters__app__Destinations__one__Address", lines.OfDestination("app", "one"));
        Assert.Equal("proxygate.json:5", lines.OfRoute("shop")!.Source);
    }

    [Fact]
    public async Task A_gateway_started_with_an_address_alone_has_no_lines()
    {
        var config = await CommandLineConfig.FromToAsync("http://localhost:5000", [], []);

        Assert.Single(config.Routes);
        Assert.Null(config.Lines.OfRoute(config.Routes[0].RouteId));
        Assert.Null(config.Lines.OfDestination("default", "default"));
    }

    [Fact]
    public void A_match_is_said_as_people_write_it()
    {
        Assert.Equal("/{**any}", ConfigLines.MatchOf(new RouteMatch()));
        Assert.Equal("shop.example/{**any}", ConfigLines.MatchOf(new RouteMatch { Hosts = ["shop.example"] }));
        Assert.Equal(
            "/x with header X-Tenant with query page",
            ConfigLines.MatchOf(new RouteMatch { Path = "/x", Headers = [new RouteHeader { Name = "X-Tenant" }], QueryParameters = [new RouteQueryParameter { Name = "page" }] }));
    }
}
