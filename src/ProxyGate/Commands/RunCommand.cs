using System.CommandLine;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Output;

namespace ProxyGate.Commands;

/// <summary><c>proxygate run</c>: the gateway itself.</summary>
internal static class RunCommand
{
    /// <param name="run">Runs the gateway until it is told to stop and gives the exit code.</param>
    public static Command Create(Func<GatewayRunOptions, CancellationToken, Task<int>> run)
    {
        var to = new Option<string?>("--to") { Description = "Forward everything to this URL: http://localhost:5000, https://…, or http://unix:/run/app.sock.", HelpName = "URL" };
        var config = new Option<string?>("--config", "-c") { Description = "Configuration file; .json is the native format.", HelpName = "FILE" };
        var listen = new Option<string[]>("--listen")
        {
            Description = "Where clients connect, in place of the configured addresses: http://localhost:8080, https://*:443, http://unix:/path. May be repeated.",
            HelpName = "URL",
            AllowMultipleArgumentsPerToken = true,
        };
        var command = new Command("run", "Run the gateway in front of an app.") { to, config, listen };
        command.Validators.Add(result =>
        {
            var both = result.GetValue(to) is not null && result.GetValue(config) is not null;
            if (both)
                result.AddError("Give either --to URL or --config FILE, not both.");
            else if (result.GetValue(to) is null && result.GetValue(config) is null)
                result.AddError("Say what to forward to: --to URL, or --config FILE.");
        });
        command.SetAction((parsed, stop) =>
        {
            var options = new GatewayRunOptions
            {
                To = parsed.GetValue(to),
                ConfigFile = parsed.GetValue(config),
                Listen = parsed.GetValue(listen) ?? [],
                Started = Console.IsOutputRedirected ? null : started => Banner.Write(parsed.InvocationConfiguration.Output, started),
            };
            GatewayStart.Check(options);
            return run(options, stop);
        });
        return command;
    }
}
