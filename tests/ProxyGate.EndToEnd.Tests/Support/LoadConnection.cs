using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ProxyGate.EndToEnd.Tests.Support;

/// <summary>A connection of an <see cref="EvenLoad"/>: one request after another in plain HTTP/1.1, and it never waits for anything itself.</summary>
internal sealed class LoadConnection : IDisposable
{
    private static readonly (int Status, string? FailureId, bool Keep) Broken = (0, null, false);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, Blocking = false };
    private byte[] _buffer = new byte[16 * 1024];
    private byte[] _request = [];
    private string? _head;
    private int _length;
    private int _whole;

    public LoadConnection(IPEndPoint to)
    {
        try
        {
            _socket.Connect(to);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            IsConnecting = true;
        }
        catch (SocketException)
        {
            // Seen again as soon as it is used.
        }

        Handle = (int)_socket.Handle;
    }

    public int Handle { get; }

    /// <summary>It waits to be writable, not readable.</summary>
    public bool IsConnecting { get; private set; }

    public int Number { get; private set; }

    public TimeSpan Due { get; private set; }

    public TimeSpan Late { get; private set; }

    /// <summary>Of an idle one: nothing but its end can have come.</summary>
    public bool WasClosed
    {
        get
        {
            _socket.Receive(_buffer, 0, 1, SocketFlags.None, out var error);
            return error != SocketError.WouldBlock;
        }
    }

    public void Begin(int number, TimeSpan due, TimeSpan late, byte[] request)
    {
        (Number, Due, Late, _request, _length, _head) = (number, due, late, request, 0, null);
        // What goes wrong now is read later.
        if (!IsConnecting) Send();
    }

    /// <summary>Goes on as far as it can; the answer once it is whole, or that none will come.</summary>
    public (int Status, string? FailureId, bool Keep)? Advance()
    {
        if (IsConnecting)
        {
            IsConnecting = false;
            return Send() ? null : Broken;
        }

        if (_length == _buffer.Length) Array.Resize(ref _buffer, _length * 2);
        var read = _socket.Receive(_buffer, _length, _buffer.Length - _length, SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock) return null;
        if (error != SocketError.Success || read == 0) return Broken;
        _length += read;
        if (_head is null && !ReadHead()) return null;
        if (_whole < 0) return Broken;
        if (_length < _whole) return null;
        return (int.Parse(_head.AsSpan(9, 3), CultureInfo.InvariantCulture), Field("proxygate-failure"), !string.Equals(Field("connection"), "close", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>A request of some hundred bytes has room in an empty socket.</summary>
    private bool Send() => _socket.Send(_request, 0, _request.Length, SocketFlags.None, out var error) == _request.Length && error == SocketError.Success;

    private bool ReadHead()
    {
        var end = _buffer.AsSpan(0, _length).IndexOf("\r\n\r\n"u8);
        if (end < 0) return false;
        _head = Encoding.Latin1.GetString(_buffer, 0, end);
        _whole = int.TryParse(Field("content-length"), CultureInfo.InvariantCulture, out var body) ? end + 4 + body : -1;
        return true;
    }

    private string? Field(string name)
    {
        var at = _head!.IndexOf($"\r\n{name}:", StringComparison.OrdinalIgnoreCase);
        if (at < 0) return null;
        var value = _head.AsSpan(at + name.Length + 3);
        var end = value.IndexOf('\r');
        return (end < 0 ? value : value[..end]).Trim().ToString();
    }

    public void Dispose() => _socket.Dispose();
}
