using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;

namespace ProxyGate.Gateway.Loops;

/// <summary>The bytes of a client as a stream, for the reader over it. It breaks with the exceptions that Kestrel expects of a transport.</summary>
internal sealed class LoopInput(LoopSocket socket, LoopConnection connection) : AsyncOnlyStream
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var reading = socket.ReceiveAsync(buffer, cancellationToken);
        if (!reading.IsCompletedSuccessfully) return AwaitAsync(reading, buffer.IsEmpty);
        var read = reading.Result;
        if (!buffer.IsEmpty) connection.DidRead(read);
        return new ValueTask<int>(read);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> AwaitAsync(ValueTask<int> reading, bool asksOnly)
    {
        try
        {
            var read = await reading;
            if (!asksOnly) connection.DidRead(read);
            return read;
        }
        catch (SocketException e)
        {
            connection.Broke(e);
            throw connection.AbortReason as Exception ?? (e.SocketErrorCode == SocketError.OperationAborted
                ? new ConnectionAbortedException("The connection was closed here.", e)
                : new ConnectionResetException(e.Message, e));
        }
    }

    public override bool CanRead => true;
}
