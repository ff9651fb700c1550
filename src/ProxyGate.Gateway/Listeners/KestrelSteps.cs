using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ProxyGate.Gateway.Listeners;

/// <summary>
/// Where Kestrel does its own steps of HTTP/2: reading a frame that has arrived, and writing those of all streams. It leaves each to the thread pool, so that a
/// request changes threads four times on its way. On our loops they are done where the bytes arrive, and what is written in one turn of a loop can
/// leave together. Kestrel can do that, and is tested so, but its setting is not public.
/// </summary>
internal static partial class KestrelSteps
{
    private const string Server = "Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerImpl";
    private const string Core = "Microsoft.AspNetCore.Server.Kestrel.Core";

    /// <summary>Where connections are on the loops. Before there are any.</summary>
    public static void DoOnLoops(IServiceProvider services)
    {
        if (!services.GetRequiredService<AcceptedConnections>().OnLoops || services.GetRequiredService<IServer>() is not { } server || server.GetType().FullName != Server) return;
        try
        {
            SetScheduler(ContextOf(server), PipeScheduler.Inline);
        }
        catch (Exception e) when (e is MissingMemberException or TypeLoadException)
        {
            // Not the Kestrel we know. It works as it always does.
            StayElsewhere(services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(KestrelSteps)), e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "HTTP/2 takes more of the processor than it could: {Reason}")]
    private static partial void StayElsewhere(ILogger logger, string reason);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_ServiceContext")]
    [return: UnsafeAccessorType($"{Core}.Internal.ServiceContext, {Core}")]
    private static extern object ContextOf([UnsafeAccessorType($"{Server}, {Core}")] object server);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_Scheduler")]
    private static extern void SetScheduler([UnsafeAccessorType($"{Core}.Internal.ServiceContext, {Core}")] object context, PipeScheduler scheduler);
}
