using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Events;
using Serilog.Extensions.Logging;

namespace ProxyGate.Gateway.EventLog;

/// <summary>The gateway's own log, on standard output: quiet, readable, and never in a request's way.</summary>
internal static class GatewayLogging
{
    /// <summary>
    /// Takes the place of the default providers. What is failing is told by the failure event, once and with its cause; the frameworks'
    /// own lines about the same (YARP's forwarder, Kestrel's connections) say it again with less, and cost more than the failure itself.
    /// </summary>
    public static WebApplicationBuilder AddGatewayLogging(this WebApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton(services => new ConsoleLog(services.GetRequiredService<TimeProvider>()));
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<ILoggerProvider>(services =>
        {
            var console = services.GetRequiredService<ConsoleLog>();
            return new SerilogLoggerProvider(
                new LoggerConfiguration()
                    .MinimumLevel.Verbose() // the levels are set below, once for all providers
                    .Filter.ByExcluding(IsStopDuringStart)
                    .WriteTo.Sink(new LineSink(new ApplicationFormatter(console.Style), console.Writer))
                    .CreateLogger(),
                dispose: true);
        });
        builder.Logging
            .SetMinimumLevel(LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("System", LogLevel.Warning)
            .AddFilter("Yarp", LogLevel.Warning)
            .AddFilter("Yarp.ReverseProxy.Forwarder.HttpForwarder", LogLevel.None)
            .AddFilter("Yarp.ReverseProxy.Health", LogLevel.Error)
            // Says nothing that is not said otherwise, and as long as it may say something the server makes a span and a scope for every request.
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)
            .AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Warning)
            .AddFilter("Microsoft.AspNetCore.Server.Kestrel.Connections", LogLevel.Error)
            .AddFilter("Microsoft.AspNetCore.Server.Kestrel.BadRequests", LogLevel.None)
            .AddFilter("Microsoft.AspNetCore.Server.Kestrel.Https", LogLevel.Error)
            .AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error)
            .AddFilter<SerilogLoggerProvider>(OpenTelemetrySink.Category, LogLevel.None);
        return builder;
    }

    /// <summary>The host calls it a failure to start, with a stack trace, when it was told to stop before it had started.</summary>
    private static bool IsStopDuringStart(LogEvent line) =>
        line is { Exception: OperationCanceledException } && line.Properties.TryGetValue("SourceContext", out var source) && source is ScalarValue { Value: "Microsoft.Extensions.Hosting.Internal.Host" };
}
