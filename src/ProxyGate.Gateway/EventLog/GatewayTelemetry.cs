using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.EventLog;

/// <summary>OpenTelemetry: metrics for <c>/metrics</c> when there is an admin listener; metrics, traces and logs over OTLP when an endpoint is configured.</summary>
internal static class GatewayTelemetry
{
    /// <summary>ASP.NET Core's source: one span for each request, and the trace the upstream is told of.</summary>
    private const string RequestSource = "Microsoft.AspNetCore";

    /// <summary>Without this, .NET 10 leaves its span without the attributes of the HTTP conventions.</summary>
    private const string SuppressSpanAttributes = "Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData";

    public static WebApplicationBuilder AddGatewayTelemetry(this WebApplicationBuilder builder, GatewaySettings settings, MetricSeries series)
    {
        var otlp = settings.OpenTelemetry.Endpoint is null ? null : settings.OpenTelemetry;
        var scraped = settings.Admin.Listen is not null;
        if (otlp is null && !scraped) return builder;

        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(r => r.AddService("proxygate", serviceVersion: typeof(GatewayTelemetry).Assembly.GetName().Version?.ToString(3)))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(GatewayMetrics.MeterName, "System.Runtime");
                metrics.AddView(instrument => new MetricStreamConfiguration { CardinalityLimit = series.Of(instrument.Name) });
                if (scraped) metrics.AddPrometheusExporter();
                if (otlp is not null) metrics.AddOtlpExporter(o => Point(o, otlp, "metrics"));
            });
        if (otlp is null) return builder;

        AppContext.SetSwitch(SuppressSpanAttributes, false);
        telemetry.WithTracing(traces => traces.AddSource(RequestSource).AddOtlpExporter(o => Point(o, otlp, "traces")));
        builder.Logging.AddOpenTelemetry(logs =>
        {
            logs.IncludeFormattedMessage = true;
            logs.AddOtlpExporter(o => Point(o, otlp, "logs"));
        });
        return builder;
    }

    private static void Point(OtlpExporterOptions exporter, OpenTelemetrySettings settings, string signal)
    {
        var http = settings.Protocol == "http/protobuf";
        exporter.Protocol = http ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        // An endpoint set in code is taken as it is; the signal's path is only appended to one from the environment.
        exporter.Endpoint = new Uri(http ? $"{settings.Endpoint!.TrimEnd('/')}/v1/{signal}" : settings.Endpoint!);
    }
}
