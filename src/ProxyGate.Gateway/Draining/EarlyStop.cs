using System.Runtime.InteropServices;

namespace ProxyGate.Gateway.Draining;

/// <summary>
/// Hears that the gateway is to stop from its first moment on. The host listens only once it is built, and what it is told while it starts it
/// takes for a failure.
/// </summary>
internal sealed class EarlyStop : IDisposable
{
    private readonly CancellationTokenSource _told;
    private readonly PosixSignalRegistration _terminate;
    private readonly PosixSignalRegistration _interrupt;

    /// <param name="stop">Another way to be told.</param>
    public EarlyStop(CancellationToken stop)
    {
        _told = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Signalled);
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Signalled);
    }

    public CancellationToken Token => _told.Token;

    private void Signalled(PosixSignalContext context)
    {
        // The process is ended by its own code, never by the signal.
        context.Cancel = true;
        _told.Cancel();
    }

    public void Dispose()
    {
        // First the signals: whoever is told afterwards must find the source alive.
        _terminate.Dispose();
        _interrupt.Dispose();
        _told.Dispose();
    }
}
