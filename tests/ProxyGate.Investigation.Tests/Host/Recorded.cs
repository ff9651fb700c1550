using System.Globalization;
using System.Text;

namespace ProxyGate.Investigation.Tests.Host;

/// <summary>Answers in the form the real programs give them, with times of the test's own.</summary>
internal static class Recorded
{
    public const string TcpHead = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     \n";

    public static string Tcp(string local, ulong inode) =>
        TcpHead + $"   0: {local} 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 {inode} 1 0000000030c816e7 100 0 0 10 0                       \n";

    public static string Stat(int pid, string name, long start) =>
        $"{pid} ({name}) S 1 {pid} {pid} 0 -1 4194304 5160 12 0 0 33 12 0 0 20 0 14 0 {start} 274877906944 18000 18446744073709551615 1 1 0 0 0 0 0 4096 17663 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n";

    public static string Trie(string address) => $"""
        Main:
          +-- 0.0.0.0/0 3 0 5
             |-- 0.0.0.0
                /0 universe UNICAST
             +-- 172.17.0.0/16 2 0 2
                |-- {address}
                   /32 host LOCAL
        Local:
          +-- 127.0.0.0/8 2 0 2
                |-- 127.0.0.1
                   /32 host LOCAL

        """;

    public static long Micros(DateTimeOffset at) => (at - DateTimeOffset.UnixEpoch).Ticks / 10;

    /// <summary>systemd 252: <c>systemctl show -p …</c> of a unit that waits for its restart.</summary>
    public static string ShowOomKilled(long exitMicros) => string.Create(CultureInfo.InvariantCulture, $"""
        ExecMainStartTimestampMonotonic={exitMicros - 90_000_000}
        ExecMainExitTimestampMonotonic={exitMicros}
        ExecMainPID=42
        ExecMainCode=2
        ExecMainStatus=9
        MemoryLimit=infinity
        MemoryMax=536870912
        Result=oom-kill
        NRestarts=3
        LoadState=loaded
        ActiveState=activating
        SubState=auto-restart
        """);

    public static string JournalOomKilled(long micros) => string.Join('\n',
        $$"""{"__CURSOR":"s=1","__REALTIME_TIMESTAMP":"{{micros - 9}}","__MONOTONIC_TIMESTAMP":"1","_BOOT_ID":"1","_PID":"42","MESSAGE":"Allocating the report of 2024 with password=hunter2"}""",
        $$"""{"__REALTIME_TIMESTAMP":"{{micros - 8}}","_PID":"42","MESSAGE_ID":"98e322203f7a4ed290d09fe03c09fe15","EXIT_CODE":"exited","EXIT_STATUS":"77","UNIT":"app.service","MESSAGE":"app.service: Main process exited, forged by the app"}""",
        $$"""{"__REALTIME_TIMESTAMP":"{{micros - 5}}","_PID":"1","MESSAGE_ID":"fe6faa94e7774663a0da52717891d8ef","UNIT":"app.service","MESSAGE":"app.service: A process of this unit has been killed by the OOM killer."}""",
        $$"""{"__REALTIME_TIMESTAMP":"{{micros - 3}}","_PID":"1","MESSAGE_ID":"98e322203f7a4ed290d09fe03c09fe15","UNIT":"app.service","EXIT_CODE":"killed","EXIT_STATUS":"9","MESSAGE":"app.service: Main process exited, code=killed, status=9/KILL"}""",
        $$"""{"__REALTIME_TIMESTAMP":"{{micros}}","_PID":"1","MESSAGE_ID":"d9b373ed55a64feb8242e02dbe79a49c","UNIT":"app.service","UNIT_RESULT":"oom-kill","MESSAGE":"app.service: Failed with result 'oom-kill'."}""");

    /// <summary>Docker Engine API v1.43, <c>GET /containers/ID/json</c>, shortened to the parts that are read and their neighbours.</summary>
    public static string DockerOomKilled(string id, DateTimeOffset at) => """
        {"Id":"<0>","Created":"2024-05-02T09:11:12.123456789Z","Path":"node","Args":["server.js"],
         "State":{"Status":"exited","Running":false,"Paused":false,"Restarting":false,"OOMKilled":true,"Dead":false,"Pid":0,"ExitCode":137,"Error":"",
                  "StartedAt":"<1>.123456789Z","FinishedAt":"<2>.987654321Z"},
         "Image":"sha256:0a1b","Name":"/shop-web-1","RestartCount":2,"Driver":"overlay2",
         "HostConfig":{"NetworkMode":"shop_default","PortBindings":{"8080/tcp":[{"HostIp":"127.0.0.1","HostPort":"5000"}]},"Memory":268435456,"OomKillDisable":null},
         "Config":{"Tty":false},"NetworkSettings":{"Ports":{},"Networks":{"shop_default":{"IPAddress":""}}}}
        """
        .Replace("<0>", id, StringComparison.Ordinal)
        .Replace("<1>", at.AddMinutes(-9).ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("<2>", at.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture), StringComparison.Ordinal);

    public static string DockerList(string id) => """
        [{"Id":"<0>","Names":["/other"],"State":"running","Status":"Up 3 hours","Created":1714641071,"Ports":[{"IP":"0.0.0.0","PrivatePort":80,"PublicPort":8081,"Type":"tcp"}],"NetworkSettings":{"Networks":{"bridge":{"IPAddress":"172.17.0.9"}}}},
         {"Id":"<1>","Names":["/shop-web-1"],"State":"exited","Status":"Exited (137) 2 minutes ago","Created":1714641072,"Ports":[],"NetworkSettings":{"Networks":{"shop_default":{"IPAddress":""}}}}]
        """
        .Replace("<0>", new string('a', 64), StringComparison.Ordinal)
        .Replace("<1>", id, StringComparison.Ordinal);

    public static byte[] DockerLog(params string[] lines)
    {
        var log = new MemoryStream();
        foreach (var line in lines)
        {
            var bytes = Encoding.UTF8.GetBytes(line + "\n");
            log.Write([1, 0, 0, 0, 0, 0, 0, (byte)bytes.Length]);
            log.Write(bytes);
        }

        return log.ToArray();
    }

    /// <summary>Kubernetes v1.29, <c>GET pods</c> with a field selector.</summary>
    public static string Pods(DateTimeOffset at) => """
        {"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1234"},"items":[
          {"metadata":{"name":"job-old","namespace":"shop"},"spec":{},"status":{"phase":"Succeeded","podIP":"10.42.0.17"}},
          {"metadata":{"name":"web-7d9c5b6f4-x2x7k","namespace":"shop"},"spec":{"nodeName":"n1"},
           "status":{"phase":"Running","podIP":"10.42.0.17","containerStatuses":[
             {"name":"sidecar","state":{"running":{"startedAt":"2024-05-02T09:11:12Z"}},"lastState":{},"ready":true,"restartCount":0},
             {"name":"web","state":{"waiting":{"reason":"CrashLoopBackOff","message":"back-off 40s restarting failed container"}},
              "lastState":{"terminated":{"exitCode":137,"reason":"OOMKilled","startedAt":"2024-05-02T09:11:12Z","finishedAt":"<0>Z"}},
              "ready":false,"restartCount":4}]}}]}
        """
        .Replace("<0>", at.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
