using System.Net;
using System.Net.Sockets;
using System.Text;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Investigation.Host;
using ProxyGate.Investigation.Host.Sockets;

namespace ProxyGate.Investigation.Tests.Host;

/// <summary>Real programs, real sockets, the real kernel.</summary>
public sealed class ListenerLookTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_program_on_the_neighbouring_port_is_found_when_nothing_listens_on_the_configured_one()
    {
        await using var app = await Child.StartAsync(Child.Sleep);
        var found = await Looks.LookAsync(Looks.At(new IPEndPoint(IPAddress.Loopback, FreePortNear(app.Port))));

        Assert.False(found.Listener!.Listening);
        var other = Assert.Single(found.Listener.Others, o => o.Address == $"127.0.0.1:{app.Port}");
        Assert.Equal(ListenerLikeness.NeighbouringPort, other.Likeness);
        Assert.Equal(app.Pid, other.Process!.Pid);
        Assert.Null(found.Process);
        Assert.Null(found.Death);
    }

    [Fact]
    public async Task The_same_program_on_another_port_is_the_first_of_those_that_may_be_meant()
    {
        var app = await Child.StartAsync(Child.Sleep);
        using var memory = await Looks.RememberAsync(app.At());
        var old = app.At();
        await app.DisposeAsync();
        await using var moved = await Child.StartAsync(Child.Sleep);
        var found = await Looks.LookAsync(Looks.At(old), memory);

        Assert.False(found.Listener!.Listening);
        Assert.Contains(found.Listener.Others, o => o.Process?.Pid == moved.Pid && o.Likeness == ListenerLikeness.SameAsBefore);
        Assert.Equal(ListenerLikeness.SameAsBefore, found.Listener.Others[0].Likeness);
    }

    [Fact]
    public async Task A_process_that_listens_at_many_places_is_remembered_at_each()
    {
        await using var everywhere = await Child.StartAsync(Child.Sleep, "0.0.0.0");
        await using var another = await Child.StartAsync(Child.Sleep);
        using var memory = new ListenerMemory(Looks.Real, TimeProvider.System);
        var (here, there, other) = (ListenerPlace.At(everywhere.At("127.0.0.1")), ListenerPlace.At(everywhere.At("127.0.0.9")), ListenerPlace.At(another.At()));
        await memory.SampleAsync([here, there, other], Stop);
        await memory.SampleAsync([here, there, other], Stop);

        Assert.Equal(everywhere.Pid, Assert.Single(memory.History(here)).Facts.Pid);
        Assert.Equal(everywhere.Pid, Assert.Single(memory.History(there)).Facts.Pid);
        Assert.Equal(another.Pid, Assert.Single(memory.History(other)).Facts.Pid);
    }

    [Theory]
    [InlineData("::1", "127.0.0.1", "[::1]")]
    [InlineData("127.0.0.1", "::1", "127.0.0.1")]
    public async Task A_listener_of_the_other_family_only_is_shown_but_does_not_count(string listens, string tried, string shown)
    {
        await using var app = await Child.StartAsync(Child.Sleep, listens);
        var found = await Looks.LookAsync(Looks.At(app.At(tried)));

        Assert.False(found.Listener!.Listening);
        var same = Assert.Single(found.Listener.SamePort);
        Assert.Equal($"{shown}:{app.Port}", same.Address);
        Assert.Equal(app.Pid, same.Process!.Pid);
    }

    [Fact]
    public async Task A_listener_on_127_0_0_1_only_does_not_count_for_another_address_of_this_machine()
    {
        await using var app = await Child.StartAsync(Child.Sleep, "127.0.0.1");
        var found = await Looks.LookAsync(Looks.At(app.At("127.0.0.9")));

        Assert.False(found.Listener!.Listening);
        Assert.Equal($"127.0.0.1:{app.Port}", Assert.Single(found.Listener.SamePort).Address);
    }

    [Theory]
    [InlineData("0.0.0.0", "127.0.0.1", true, true)]
    [InlineData("::", "127.0.0.1", true, true)]
    [InlineData("::", "::1", true, true)]
    [InlineData("0.0.0.0", "::1", false, true)]
    [InlineData("::", "127.0.0.1", true, false)]
    [InlineData("0.0.0.0", "127.0.0.1", true, false)]
    [InlineData("127.0.0.1", "127.0.0.1", true, false)]
    [InlineData("::1", "127.0.0.1", false, false)]
    public async Task A_wildcard_listener_counts_for_what_it_takes_by_either_way_of_looking(string listens, string tried, bool expected, bool diagnostics)
    {
        await using var app = await Child.StartAsync(Child.Sleep, listens);
        var found = await Looks.LookAsync(Looks.At(app.At(tried)), Looks.Real with { SocketDiagnostics = diagnostics });

        Assert.Equal(expected, found.Listener!.Listening);
        Assert.Equal(expected ? app.Pid : null, found.Process?.Pid);
    }

    [Fact]
    public async Task A_listener_for_IPv6_only_does_not_take_IPv4()
    {
        await using var app = await Child.StartAsync(Child.Sleep, "::", before: "import os; os.environ['V6ONLY'] = '1'\n");
        var found = await Looks.LookAsync(Looks.At(app.At()));

        Assert.False(found.Listener!.Listening);
        Assert.Equal($"[::]:{app.Port}", Assert.Single(found.Listener.SamePort).Address);
    }

    [Fact]
    public async Task A_full_backlog_is_seen_with_its_limit()
    {
        await using var app = await Child.StartAsync(Child.Sleep, backlog: 1);
        var connections = new List<Socket>();
        try
        {
            for (var i = 0; i < 4; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
                connections.Add(socket);
                _ = await Record.ExceptionAsync(() => Task.Run(() => socket.Connect(app.At()), Stop));
            }

            var found = await Looks.UntilAsync(() => Looks.LookAsync(Looks.At(app.At(), CauseId.ConnectTimeout)), f => f.Listener!.AcceptQueue > f.Listener.AcceptQueueLimit);
            Assert.True(found.Listener!.Listening);
            Assert.Equal(1, found.Listener.AcceptQueueLimit);
            Assert.Equal(2, found.Listener.AcceptQueue);
            Assert.Equal('S', found.Process!.State);
        }
        finally
        {
            connections.ForEach(c => c.Dispose());
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_that_was_never_accepted_lies_unread(bool diagnostics)
    {
        await using var app = await Child.StartAsync(Child.Sleep);
        using var client = await SendAsync(app.At());
        var question = Looks.At(app.At(), CauseId.ResponseTimeout, (IPEndPoint)client.LocalEndPoint!);
        var paths = Looks.Real with { SocketDiagnostics = diagnostics };
        var found = await Looks.UntilAsync(() => Looks.LookAsync(question, paths), f => f.Listener!.UnreadRequestBytes > 0);

        Assert.Equal(27, found.Listener!.UnreadRequestBytes);
        Assert.False(found.Listener.Accepted);
        Assert.Null(found.Listener.AcceptedBy);
        Assert.Equal(1, found.Listener.AcceptQueue);
        Assert.Equal(diagnostics ? 16 : null, found.Listener.AcceptQueueLimit);

        // When the gateway has given up, its end mark is not counted as a byte of the request.
        client.Shutdown(SocketShutdown.Send);
        await Looks.UntilAsync(() => Task.FromResult(File.ReadAllText("/proc/net/tcp")),
            t => ProcNetTcp.Parse(t).Any(s => s.Local.Equals(app.At()) && s.Remote.Equals(client.LocalEndPoint) && s.State == SocketState.CloseWait));
        Assert.Equal(27, (await Looks.LookAsync(question, paths)).Listener!.UnreadRequestBytes);
    }

    [Fact]
    public async Task A_request_that_was_accepted_but_not_read_is_told_from_one_that_was_read()
    {
        await using var hangs = await Child.StartAsync(Child.AcceptAndHang);
        using var first = await SendAsync(hangs.At());
        Assert.Equal("accepted", await hangs.SaysAsync());
        var found = await Looks.UntilAsync(() => Looks.LookAsync(Looks.At(hangs.At(), CauseId.ResponseTimeout, (IPEndPoint)first.LocalEndPoint!)), f => f.Listener!.UnreadRequestBytes > 0);
        Assert.Equal(27, found.Listener!.UnreadRequestBytes);
        Assert.True(found.Listener.Accepted);
        Assert.Equal(hangs.Pid, found.Listener.AcceptedBy!.Pid);

        await using var works = await Child.StartAsync(Child.ReadAndHang);
        using var second = await SendAsync(works.At());
        Assert.Equal("read", await works.SaysAsync());
        found = await Looks.LookAsync(Looks.At(works.At(), CauseId.ResponseTimeout, (IPEndPoint)second.LocalEndPoint!));
        Assert.Equal(0, found.Listener!.UnreadRequestBytes);
        Assert.True(found.Listener.Accepted);
    }

    [Fact]
    public async Task A_connection_that_is_gone_says_nothing_of_reading()
    {
        await using var app = await Child.StartAsync(Child.Sleep);
        var found = await Looks.LookAsync(Looks.At(app.At(), CauseId.ResponseTimeout, new IPEndPoint(IPAddress.Loopback, app.Port)));

        Assert.Null(found.Listener!.UnreadRequestBytes);
        Assert.Null(found.Listener.Accepted);
    }

    [Fact]
    public async Task A_unix_socket_is_found_by_its_path_even_when_it_was_bound_by_a_relative_one()
    {
        using var folder = new RecordedTree();
        var path = Path.Combine(folder.Root, "app.sock");
        await using var app = await Child.StartAsync($"os.chdir('{folder.Root}'); u = socket.socket(socket.AF_UNIX); u.bind('./app.sock'); u.listen(3); print('bound', flush=True); {Child.Sleep}");
        Assert.Equal("bound", await app.SaysAsync());
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(path), Stop);
        var found = await Looks.LookAsync(Looks.AtSocket(path));

        Assert.True(found.Listener!.Listening);
        Assert.Equal(app.Pid, found.Process!.Pid);
        Assert.Equal(1, found.Listener.AcceptQueue);
        Assert.Equal(3, found.Listener.AcceptQueueLimit);
    }

    [Fact]
    public async Task A_unix_socket_left_behind_has_no_listener()
    {
        using var folder = new RecordedTree();
        var path = Path.Combine(folder.Root, "app.sock");
        using (var gone = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            gone.Bind(new UnixDomainSocketEndPoint(path));
            gone.Listen();
            File.Move(path, path + "2");
        }

        Assert.False((await Looks.LookAsync(Looks.AtSocket(path + "2"))).Listener!.Listening);
    }

    [Fact]
    public async Task Secrets_on_the_command_line_are_not_shown()
    {
        await using var app = await Child.StartAsync(Child.Sleep, arguments: ["--db-password", "hunter2", "--token=abc123", "postgres://me:pw123@db/x"]);
        var found = await Looks.LookAsync(Looks.At(app.At()));

        Assert.DoesNotContain("hunter2", found.Process!.CommandLine, StringComparison.Ordinal);
        Assert.DoesNotContain("abc123", found.Process.CommandLine, StringComparison.Ordinal);
        Assert.DoesNotContain("pw123", found.Process.CommandLine, StringComparison.Ordinal);
        Assert.Contains("--db-password *** --token=*** postgres://***@db/x", found.Process.CommandLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_look_tells_when_the_process_started_and_what_it_does()
    {
        var before = DateTimeOffset.UtcNow;
        await using var app = await Child.StartAsync(Child.Sleep);
        var found = await Looks.LookAsync(Looks.At(app.At()));

        Assert.StartsWith("python3", found.Process!.Name, StringComparison.Ordinal);
        Assert.Equal('S', found.Process.State);
        Assert.InRange(found.Process.StartedAt!.Value, before.AddSeconds(-1), DateTimeOffset.UtcNow.AddSeconds(1));
        Assert.Equal(Whereabouts.Here, found.Where);
    }

    [Fact]
    public async Task Limits_of_this_machine_are_real_numbers()
    {
        await using var app = await Child.StartAsync(Child.Sleep);
        using var client = await SendAsync(app.At());
        using var memory = await Looks.RememberAsync(app.At());
        var limits = (await Looks.LookAsync(Looks.At(app.At()), memory)).Limits!;

        Assert.Equal(1, limits.PortsInUse);
        Assert.InRange(limits.OpenFiles!.Value, 10, limits.OpenFileLimit!.Value);
        Assert.InRange(limits.PortRange!.Value, 100, 65536);
        Assert.InRange(limits.ListenOverflows!.Value, 0, long.MaxValue);
    }

    [Fact]
    public async Task An_address_that_is_not_of_this_machine_is_not_looked_for_here()
    {
        var found = await Looks.LookAsync(Looks.At(IPEndPoint.Parse("203.0.113.7:5000")));

        Assert.Equal(Whereabouts.Elsewhere, found.Where);
        Assert.Null(found.Listener);
        Assert.Null(found.Death);
    }

    private static async Task<Socket> SendAsync(IPEndPoint address)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(address, Stop);
        await client.SendAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), Stop);
        return client;
    }

    private static int FreePortNear(int port)
    {
        var used = System.Net.NetworkInformation.IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(l => l.Port).ToHashSet();
        return Enumerable.Range(1, 9).Select(d => port + d).First(p => !used.Contains(p));
    }
}
