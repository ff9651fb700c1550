using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using ProxyGate.Simulation;
using ProxyGate.Simulation.Apps;

namespace ProxyGate.Commands;

/// <summary><c>proxygate demo</c>: a gateway, a healthy app and every fault that can run here.</summary>
internal static class DemoCommand
{
    private const int CouldNotRun = 3;

    /// <param name="runGateway">Runs the gateway with a configuration file until it is cancelled; its exit code.</param>
    internal static Command Create(Func<string, CancellationToken, Task<int>> runGateway)
    {
        var listen = new Option<string>("--listen")
        {
            Description = "Where the gateway listens.",
            DefaultValueFactory = _ => "http://localhost:8080",
        };
        var gallery = new Option<string?>("--gallery")
        {
            Description = "Start nothing; write the page of every cause, as operators and as visitors see it, into this folder.",
            HelpName = "DIR",
        };
        var command = new Command("demo", "Start a gateway, a healthy app and every fault, with a page that links to each.") { listen, gallery };
        command.SetAction((parsed, cancellationToken) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            return parsed.GetValue(gallery) is { } folder
                ? DemoGallery.WriteAsync(folder, output, error, cancellationToken)
                : RunAsync(parsed.GetValue(listen)!, runGateway, output, error, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        string listen, Func<string, CancellationToken, Task<int>> runGateway, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        listen = WithPort(listen);
        await using var environment = new FaultEnvironment(FaultTimeouts.Brief)
        {
            ChildCommand = SimulateCommand.ChildCommand(),
            GatewayAddress = listen,
        };
        var running = new List<RunningFault>();
        try
        {
            var left = new List<string>();
            foreach (var fault in FaultCatalogue.All)
            {
                // The gateway would have to run inside the namespace, out of reach for a browser, or turn everybody else away.
                if (fault.RequiresNamespace || fault.RequiresOwnGateway || fault.CannotRunBecause(environment) is not null)
                    left.Add(fault.Id);
                else
                    running.Add(await fault.StartAsync(environment, cancellationToken));
            }

            await using var app = SampleApp.Start(environment, running, await DemoGallery.PagesAsync());
            var config = new FaultGatewayConfig
            {
                ListenAt = [listen],
                Patience = environment.Timeouts,
                EventsFile = Path.Combine(environment.Folder, "events.jsonl"),
            };
            config.AddApp("sample", "/", app.Address);
            config.AddApp("gallery", DemoGallery.Path + "{**page}", app.Address);
            running.ForEach(config.Add);
            var file = Path.Combine(environment.Folder, "proxygate.json");
            await File.WriteAllTextAsync(file, config.ToString(), cancellationToken);

            await output.WriteLineAsync($"{running.Count} faults, each under {listen.TrimEnd('/')}/faults/ID/ (proxygate simulate lists them).");
            await output.WriteLineAsync($"Not started here: {(left.Count == 0 ? "none" : string.Join(", ", left))}.");
            await output.WriteLineAsync($"Configuration: {file}");
            await output.WriteLineAsync($"The page of every cause: {listen.TrimEnd('/')}{DemoGallery.Path}");
            await output.WriteLineAsync($"Open {listen} in a browser. Ctrl+C ends it.");
            return await runGateway(file, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return 0;
        }
        catch (SocketException failure)
        {
            await error.WriteLineAsync($"The demo could not start: {failure.Message}.");
            return CouldNotRun;
        }
        finally
        {
            foreach (var one in running)
                await one.DisposeAsync();
        }
    }

    /// <summary>The faults and the page must know the port before the gateway listens: where it is 0, one that is free now.</summary>
    private static string WithPort(string listen)
    {
        if (!Uri.TryCreate(listen, UriKind.Absolute, out var address) || address.Port != 0) return listen;
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        return new UriBuilder(address) { Port = ((IPEndPoint)free.LocalEndpoint).Port }.Uri.ToString().TrimEnd('/');
    }
}
