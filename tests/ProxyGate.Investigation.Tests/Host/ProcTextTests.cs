using System.Net;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Investigation.Host;
using ProxyGate.Investigation.Host.Deaths;
using ProxyGate.Investigation.Host.Limits;
using ProxyGate.Investigation.Host.Processes;
using ProxyGate.Investigation.Host.Sockets;

namespace ProxyGate.Investigation.Tests.Host;

/// <summary>What the kernel's files look like, on this and other machines, and what they must not be mistaken for.</summary>
public sealed class ProcTextTests
{
    private const string Id = "4c01db0b339c4f5e6d7a8b9c0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60718293a";

    [Fact]
    public void Sockets_are_read_with_their_addresses_states_and_queues()
    {
        var found = ProcNetTcp.Parse("""
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:1388 00000000:0000 0A 00000000:00000002 00:00000000 00000000  1000        0 18446744073 1 0000000000000000 100 0 0 10 0
               1: 0000000000000000FFFF00000100007F:1388 0000000000000000FFFF00000100007F:C350 08 00000000:0000001C 00:00000000 00000000  0 0 0 1
               2: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 7 1
            garbage
               3: 0100007F 00000000:0000 0A 0:0 0:0 0 0 0 1
               4: ZZ00007F:1388 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 7 1
               5: 0100007F:1388 00000000:0000 0A
            """).ToList();

        Assert.Equal(3, found.Count);
        Assert.Equal((IPEndPoint.Parse("127.0.0.1:5000"), SocketState.Listen, 2u, 18446744073ul), (found[0].Local, found[0].State, found[0].ReceiveQueue, found[0].Inode));
        Assert.Equal((IPEndPoint.Parse("127.0.0.1:50000"), SocketState.CloseWait), (found[1].Remote, found[1].State));
        Assert.Equal(27, Listeners.Unread(found[1]));
        Assert.False(Listeners.Accepted(found[1]));
        Assert.Equal("[::1]:80", found[2].Display);
    }

    [Fact]
    public void Listening_unix_sockets_are_told_from_others_and_paths_may_hold_spaces()
    {
        var found = ProcNetUnix.Parse("""
            Num       RefCount Protocol Flags    Type St Inode Path
            0000000000000000: 00000002 00000000 00010000 0001 01 21437 /run/my app.sock
            0000000000000000: 00000003 00000000 00000000 0001 03 21438 /run/my app.sock
            0000000000000000: 00000002 00000000 00010000 0001 01 21439
            0000000000000000: 00000002 00000000 00010000 0001 01 21440 @abstract
            x
            """).ToList();
        Assert.Equal([("/run/my app.sock", 21437ul), ("@abstract", 21440ul)], found.Select(s => (s.Path, s.Inode)));
    }

    [Theory]
    [InlineData("12 (a) b) R (x) S 1 12 12 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 777 0", "a) b) R (x", 'S', 777)]
    [InlineData("12 (\u001b[31mred\u202e) Z 1 12 12 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0", "[31mred", 'Z', 5)]
    public void A_process_may_be_called_anything(string text, string name, char state, long start)
    {
        var stat = ProcStat.Parse(text)!;
        Assert.Equal((name, state, start), (stat.Name, stat.State, stat.StartTicks));
    }

    [Theory]
    [InlineData("")]
    [InlineData("12 (x")]
    [InlineData("12 )x(")]
    [InlineData("12 (x) S 1 2 3")]
    [InlineData("12 (x) S 1 12 12 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 - 0")]
    public void A_stat_in_another_form_is_passed_over(string text) => Assert.Null(ProcStat.Parse(text));

    [Theory]
    [InlineData("0::/system.slice/app.service", "app.service", null)]
    [InlineData("0::/system.slice/system-app.slice/app@2.service/worker", "app@2.service", null)]
    [InlineData("0::/system.slice/docker-" + Id + ".scope", null, Id)]
    [InlineData("12:memory:/docker/" + Id + "\n1:name=systemd:/docker/" + Id + "\n0::/", null, Id)]
    [InlineData("0::/machine.slice/libpod-" + Id + ".scope/container", null, Id)]
    [InlineData("0::/system.slice/web.service/libpod-payload-" + Id, "web.service", Id)]
    [InlineData("0::/machine.slice/libpod-conmon-" + Id + ".scope", null, null)]
    [InlineData("0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1b4e28ba_2fa1_11d2_883f_0016d3cca427.slice/cri-containerd-" + Id + ".scope", null, Id)]
    [InlineData("5:memory:/kubepods/burstable/pod1b4e28ba-2fa1-11d2-883f-0016d3cca427/" + Id, null, Id)]
    [InlineData("0::/system.slice/containerd.service/kubepods-burstable-pod1.slice:cri-containerd:" + Id, "containerd.service", Id)]
    [InlineData("0::/kubepods.slice/crio-" + Id + ".scope", null, Id)]
    [InlineData("0::/user.slice/user-1000.slice/user@1000.service/app.slice/app.service", null, null)]
    [InlineData("0::/user.slice/user-1000.slice/session-3.scope", null, null)]
    [InlineData("0::/system.slice/a b;reboot.service", null, null)]
    [InlineData("0::/", null, null)]
    [InlineData("nonsense", null, null)]
    public void Units_and_containers_are_read_from_the_control_group(string text, string? unit, string? container)
    {
        var place = CgroupPlace.Parse(text + "\n");
        Assert.Equal((unit, container), (place.Unit, place.Container));
    }

    [Theory]
    [InlineData("node\0server.js\0--port\05000\0", "node server.js --port 5000")]
    [InlineData("app\0--password\0hunter2\0--port\01\0", "app --password *** --port 1")]
    [InlineData("app\0--password=hunter2\0", "app --password=***")]
    [InlineData("app\0DB_PASSWORD=hunter2\0X=1\0", "app DB_PASSWORD=*** X=1")]
    [InlineData("python3\0app.py\0a 'b\0x(1)\0", "python3 app.py 'a '\\''b' 'x(1)'")]
    [InlineData("nginx: master process /usr/sbin/nginx -g daemon off;", "nginx: master process /usr/sbin/nginx -g daemon off;")]
    [InlineData("java\0-Dspring.datasource.password=hunter2\0-jar\0a.jar\0", "java -Dspring.datasource.password=*** -jar a.jar")]
    [InlineData("app\0redis://:hunter2@cache:6379/0\0", "app redis://***@cache:6379/0")]
    [InlineData("app\0https://user:p@ss:w@host/\0", "app https://***@host/")]
    [InlineData("app\0--api-key\0abc\0--apikey=abc\0", "app --api-key *** --apikey=***")]
    [InlineData("app\0--secret\0-starts-with-dash\0", "app --secret -starts-with-dash")]
    [InlineData("app\0--conn=Server=db;Password=hunter2;Database=x\0", "app --conn=Server=db;Password=***;Database=x")]
    [InlineData("sh\0-c\0TOKEN='a b' exec app --auth-token abc\0", "sh -c TOKEN=*** exec app --auth-token ***")]
    [InlineData("curl\0-H\0Authorization: Bearer abc.def\0", "curl -H Authorization: Bearer ***")]
    [InlineData("app\0--keyboard=us\0--keepalive=5\0--monkey=1\0", "app --keyboard=us --keepalive=5 --monkey=1")]
    [InlineData("app\0a\nb\u001b[0m\u202e\0", "app 'a b [0m '")]
    public void Command_lines_are_shown_without_secrets(string recorded, string shown) => Assert.Equal(shown, SecretMask.CommandLine(recorded));

    [Fact]
    public void A_huge_command_line_is_cut() => Assert.InRange(SecretMask.CommandLine(string.Concat(Enumerable.Repeat("a=b\0", 10_000)))!.Length, 500, 1001);

    [Theory]
    [InlineData("oom_kill_disable 1\nunder_oom 0\noom_kill 3\n", 3L)]
    [InlineData("oom_kill_disable 0\nunder_oom 0\n", null)] // before Linux 4.13
    [InlineData("low 0\noom_kill x\n", null)]
    [InlineData("oom_kill\n", null)]
    public void The_counter_of_kills_is_the_one_with_exactly_this_name(string text, long? expected) => Assert.Equal(expected, MemoryGroup.Counter(text, "oom_kill"));

    [Theory]
    [InlineData("max\n", null)]
    [InlineData("9223372036854771712\n", null)]
    [InlineData("33554432\n", 33554432L)]
    [InlineData(null, null)]
    public void No_limit_is_no_number(string? text, long? expected) => Assert.Equal(expected, MemoryGroup.ParseLimit(text));

    [Fact]
    public void Limits_are_read_and_other_forms_are_passed_over()
    {
        Assert.Equal(1024, LocalLimits.ParseOpenFiles("Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 524288               files     \n"));
        Assert.Null(LocalLimits.ParseOpenFiles("Max open files            unlimited            unlimited            files     \n"));
        Assert.Equal(28232, LocalLimits.ParseRange("32768\t60999\n"));
        Assert.Null(LocalLimits.ParseRange("60999 32768"));
        const string Netstat = "TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 0 17 18\nIpExt: InNoRoutes\nIpExt: 4\n";
        Assert.Equal(17, LocalLimits.ParseNetstat(Netstat, "TcpExt:", "ListenOverflows"));
        Assert.Null(LocalLimits.ParseNetstat(Netstat, "TcpExt:", "NotThere"));
        Assert.Null(LocalLimits.ParseNetstat("TcpExt: A ListenOverflows\nTcpExt: 1\n", "TcpExt:", "ListenOverflows"));
    }

    [Fact]
    public void Addresses_of_a_network_are_read()
    {
        Assert.Equal([IPAddress.Parse("172.17.0.2"), IPAddress.Loopback], NetworkFinder.ParseTrie(Recorded.Trie("172.17.0.2")).OrderByDescending(a => a.ToString(), StringComparer.Ordinal));
        Assert.Equal([IPAddress.Parse("fe80::fc00:ff:fe00:1")], NetworkFinder.ParseInterfaces("fe80000000000000fc0000fffe000001 04 40 20 80     eth0\nshort\nzz80000000000000fc0000fffe000001 04\n"));
    }

    [Fact]
    public void Answers_of_the_kernel_that_are_cut_or_random_are_passed_over()
    {
        var random = new Random(4);
        var bytes = new byte[200];
        for (var i = 0; i < 20_000; i++)
        {
            random.NextBytes(bytes);
            var message = bytes.AsSpan(0, random.Next(bytes.Length));
            if (message.Length > 0) message[0] = (byte)(i % 2 == 0 ? 2 : 10);
            var tcp = SocketDiagMessage.ParseTcp(message);
            Assert.Equal(message.Length >= 72, tcp is not null);
            SocketDiagMessage.ParseUnix(message);
        }

        var seen = 0;
        Assert.False(SocketDiag.Messages([255, 255, 255, 127, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], _ => seen++));
        Assert.Equal(0, seen);
    }

    [Fact]
    public void A_candidate_needs_something_that_speaks_for_it()
    {
        Assert.Empty(Candidates.Choose([(9001, Seen(9001, "a")), (9500, Seen(9500, "b")), (22, Seen(22, "sshd"))], 5000, null));
        Assert.Equal(ListenerLikeness.OnlyCandidate, Assert.Single(Candidates.Choose([(9001, Seen(9001, "a")), (22, Seen(22, "sshd"))], 5000, null)).Likeness);
        Assert.Equal("*:5001", Assert.Single(Candidates.Choose([(9001, Seen(9001, "a")), (5001, Seen(5001, "b"))], 5000, null)).Address);
        Assert.Empty(Candidates.Choose([(5001, new ListenerSeen("*:5001", new ProcessFacts { Pid = Environment.ProcessId, Name = "proxygate" }))], 5000, null));
    }

    private static ListenerSeen Seen(int port, string name) => new($"*:{port}", new ProcessFacts { Pid = port, Name = name });
}
