using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.InteropServices;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Explanation;

namespace ProxyGate.Diagnostics.Tests.Classification;

/// <summary>The kernel's numbers are named as .NET names them: by its own table, and by what real sockets say.</summary>
public sealed class ErrnoTests : IDisposable
{
    private const int Last = 133; // ERFKILL, 132, is the last one of Linux

    private readonly string _folder = Directory.CreateTempSubdirectory("proxygate-errno-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Each_number_has_the_name_that_DotNet_gives_it()
    {
        // .NET tells nobody, but it is the same in every exception that its sockets throw.
        var sockets = typeof(Socket).Assembly;
        var naming = sockets.GetType("System.Net.Sockets.SocketErrorPal", throwOnError: true)!.GetMethod("GetSocketErrorForNativeError", BindingFlags.Static | BindingFlags.NonPublic)!;
        var translating = sockets.GetType("Interop+Sys", throwOnError: true)!.GetMethod("ConvertErrorPlatformToPal", BindingFlags.Static | BindingFlags.NonPublic)!;
        for (var errno = 0; errno <= Last; errno++)
        {
            // ENXIO, no such device, which to .NET is a host that is not found: no socket of ours can say so.
            if (errno == 6) continue;
            var expected = (SocketError)naming.Invoke(null, [translating.Invoke(null, [errno])])!;
            Assert.True(expected == Errno.Named(errno), $"{errno}: .NET says {expected}, this table {Errno.Named(errno)}");
        }
    }

    [Fact]
    public void A_name_stands_for_the_number_that_DotNet_gives_it()
    {
        foreach (var error in Enum.GetValues<SocketError>())
        {
            if (Errno.Of(error, unixSocket: false) is not { } errno) continue;
            // Of the two limits .NET names the machine's, which hardly anybody meets; the process has the other one.
            if (error == SocketError.TooManyOpenSockets) Assert.Equal(24, errno);
            else Assert.Equal(new SocketException((int)error).NativeErrorCode, errno);
            Assert.True(Errno.Named(errno) == error || error == SocketError.TryAgain, $"{error}");
        }

        Assert.Equal((2, SocketError.AddressNotAvailable), (Errno.Of(SocketError.AddressNotAvailable, unixSocket: true), Errno.Named(2)));
    }

    /// <summary>What connecting can meet has a number for the event, except what only our own side does.</summary>
    [Fact]
    public void What_a_connection_may_fail_of_has_a_number()
    {
        SocketError[] ours = [SocketError.Success, SocketError.SocketError, SocketError.OperationAborted, SocketError.Interrupted, SocketError.Fault, SocketError.NoData, SocketError.NotSocket,
            SocketError.DestinationAddressRequired, SocketError.MessageSize, SocketError.ProtocolOption, SocketError.IsConnected, SocketError.Disconnecting, SocketError.AlreadyInProgress, SocketError.InProgress];
        foreach (var named in Enumerable.Range(0, Last + 1).Select(Errno.Named).Distinct()) Assert.Equal(ours.Contains(named), Errno.Of(named, unixSocket: false) is null);
    }

    [Fact]
    public void Each_number_that_an_event_may_tell_has_the_systems_own_words()
    {
        foreach (var errno in Enum.GetValues<SocketError>().SelectMany(e => new[] { Errno.Of(e, unixSocket: false), Errno.Of(e, unixSocket: true) }).OfType<int>().Append(12).Append(20).Append(23).Distinct())
        {
            Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"{errno}: {Marshal.GetPInvokeErrorMessage(errno)}"), Errnos.NginxForm(errno));
            Assert.StartsWith("E", Errnos.Symbol(errno), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(2, "no file")]
    [InlineData(20, "no folder")]
    [InlineData(91, "datagrams")]
    [InlineData(111, "nobody listens")]
    [InlineData(98, "taken")]
    [InlineData(32, "shut down")]
    [InlineData(107, "not connected")]
    [InlineData(97, "another family")]
    public void A_real_socket_names_it_the_same(int errno, string what)
    {
        var failure = Assert.ThrowsAny<SocketException>(() => Provoke(what));
        Assert.Equal(Errno.Named(errno), failure.SocketErrorCode);
    }

    private void Provoke(string what)
    {
        using var file = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var other = new Socket(what == "datagrams" ? AddressFamily.Unix : AddressFamily.InterNetwork, what == "datagrams" ? SocketType.Dgram : SocketType.Stream, ProtocolType.Unspecified);
        switch (what)
        {
            case "no file":
                file.Connect(new UnixDomainSocketEndPoint(Path.Combine(_folder, "missing.sock")));
                break;
            case "no folder":
                File.WriteAllText(Path.Combine(_folder, "file"), "");
                file.Connect(new UnixDomainSocketEndPoint(Path.Combine(_folder, "file", "app.sock")));
                break;
            case "datagrams":
                other.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder, "datagrams.sock")));
                file.Connect(new UnixDomainSocketEndPoint(Path.Combine(_folder, "datagrams.sock")));
                break;
            case "nobody listens":
                other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                tcp.Connect(other.LocalEndPoint!);
                break;
            case "taken":
                other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                tcp.Bind(other.LocalEndPoint!);
                break;
            case "shut down":
                other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                other.Listen();
                tcp.Connect(other.LocalEndPoint!);
                tcp.Shutdown(SocketShutdown.Send);
                tcp.Send("x"u8);
                break;
            case "not connected":
                tcp.Receive(new byte[1]);
                break;
            default:
                using (new Socket((AddressFamily)1000, SocketType.Stream, ProtocolType.Unspecified)) break;
        }
    }
}
