using System.Runtime.CompilerServices;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Forwarding.Direct;

/// <summary>
/// A request in the destination's count of those under way (<see cref="DestinationState.ConcurrentRequestCount"/>), by which YARP balances. YARP's last step counts,
/// which is left out; what it counts with is not public.
/// </summary>
internal readonly struct DestinationLoad
{
    private readonly object? _counter;

    public DestinationLoad(DestinationState destination)
    {
        _counter = CounterOf(destination);
        Interlocked.Increment(ref ValueOf(_counter));
    }

    public void Leave()
    {
        if (_counter is not null) Interlocked.Decrement(ref ValueOf(_counter));
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_ConcurrencyCounter")]
    [return: UnsafeAccessorType("Yarp.ReverseProxy.Utilities.AtomicCounter, Yarp.ReverseProxy")]
    private static extern object CounterOf(DestinationState destination);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_value")]
    private static extern ref int ValueOf([UnsafeAccessorType("Yarp.ReverseProxy.Utilities.AtomicCounter, Yarp.ReverseProxy")] object counter);
}
