using System.CommandLine;
using ProxyGate.Commands;
using ProxyGate.Gateway;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Output;

var root = new RootCommand("A reverse proxy that says why a request failed.")
{
    RunCommand.Create((options, stop) => GatewayApplication.RunAsync(options, Console.Error, stop)),
    CheckCommand.Create(),
    DiagnoseCommand.Create(),
    EventsCommand.Create(),
    IncidentsCommand.Create(),
    ExplainCommand.Create(),
    SimulateCommand.Create(),
    DemoCommand.Create((file, stop) => GatewayApplication.RunAsync(new GatewayRunOptions { ConfigFile = file }, Console.Error, stop)),
};
return await CommandLine.RunAsync(root, args);
