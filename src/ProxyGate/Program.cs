using System.CommandLine;
using ProxyGate.Commands;
using ProxyGate.Output;

var root = new RootCommand("A reverse proxy that says why a request failed.")
{
    CheckCommand.Create(),
};
return await CommandLine.RunAsync(root, args);
