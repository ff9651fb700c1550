using ProxyGate.Simulation.Wire;
using static ProxyGate.Simulation.Wire.Ending;

namespace ProxyGate.Simulation.Faults;

/// <summary>Ports where something else than an HTTP server listens, each with the bytes that server really sends.</summary>
internal static class ForeignFaults
{
    private const string GarbageBytes = "\0\u0001\u0002\u0003garbage\u00ff\u00fe\0\u0001\u0002\u0003\u0004\u0005more";

    internal static IReadOnlyList<Fault> All { get; } =
    [
        new Ssh(), new Smtp(), new Ftp(), new Pop3(), new Imap(), new Vnc(), new MySql(), new Postgres(), new PostgresError(),
        new Redis(), new Memcached(), new FastCgi(), new FastCgiRecord(), new Amqp(), new Garbage(), new GarbageHang(),
    ];

    /// <summary>Speaks first, as these protocols do, and then waits for an answer in its own language.</summary>
    private abstract class Banner(string id, string summary, string banner) : TcpFault(id, FaultFamily.Foreign, summary, Expects.NotHttp)
    {
        protected override async Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
        {
            await connection.SendAsync(banner, cancellationToken);
            await connection.HangAsync(cancellationToken);
        }
    }

    private sealed class Ssh() : Banner("ssh-banner", "Is an SSH server.", "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n");

    private sealed class Smtp() : Banner("smtp-banner", "Is a mail server (SMTP).", "220 mail.example ESMTP Postfix\r\n");

    private sealed class Ftp() : Banner("ftp-banner", "Is an FTP server.", "220 (vsFTPd 3.0.3)\r\n");

    private sealed class Pop3() : Banner("pop3-banner", "Is a mailbox server (POP3).", "+OK Dovecot ready.\r\n");

    private sealed class Imap() : Banner("imap-banner", "Is a mailbox server (IMAP).", "* OK [CAPABILITY IMAP4rev1 LITERAL+ IDLE] Dovecot ready.\r\n");

    private sealed class Vnc() : Banner("vnc-banner", "Is a remote desktop (RFB).", "RFB 003.008\n");

    private sealed class MySql() : Banner("mysql-banner", "Is a MySQL server.",
        "J\0\0\0\n8.0.36\0\u0008\0\0\0abcdefgh\0\u00ff\u00ff\u00ff\u0002\0\u00ff\u00df\u0015\0\0\0\0\0\0\0\0\0\0ijklmnopqrst\0mysql_native_password\0");

    private sealed class Postgres() : AnswerFault("postgres", FaultFamily.Foreign,
        "Is a PostgreSQL server: it takes the request for a broken start-up packet and closes without a word.", Expects.ClosedWithoutResponse, "");

    private sealed class PostgresError() : AnswerFault("postgres-error", FaultFamily.Foreign,
        "Is a PostgreSQL server that says in its own protocol that it cannot understand.", Expects.NotHttp,
        "E\0\0\0\u0048SFATAL\0VFATAL\0C0A000\0Munsupported frontend protocol 21577.8239\0\0");

    private sealed class Redis() : AnswerFault("redis", FaultFamily.Foreign,
        "Is a Redis server.", Expects.NotHttp, "-ERR wrong number of arguments for 'get' command\r\n");

    private sealed class Memcached() : AnswerFault("memcached", FaultFamily.Foreign,
        "Is a memcached server.", Expects.NotHttp, "ERROR\r\nERROR\r\nERROR\r\n", Hang);

    private sealed class FastCgi() : AnswerFault("fastcgi", FaultFamily.Foreign,
        "Is a FastCGI server such as php-fpm: it closes without a byte on a record version it does not know.", Expects.ClosedWithoutResponse, "");

    private sealed class FastCgiRecord() : AnswerFault("fastcgi-record", FaultFamily.Foreign,
        "Is a FastCGI server that answers with a record of its own protocol.", Expects.NotHttp,
        "\u0001\u000b\0\0\0\u0008\0\0G\0\0\0\0\0\0\0");

    private sealed class Amqp() : AnswerFault("amqp", FaultFamily.Foreign,
        "Is a message broker (AMQP): it names its version and closes.", Expects.NotHttp, "AMQP\0\0\u0009\u0001");

    private sealed class Garbage() : AnswerFault("garbage", FaultFamily.Foreign,
        "Sends binary garbage and closes.", Expects.NotHttp, GarbageBytes);

    private sealed class GarbageHang() : AnswerFault("garbage-hang", FaultFamily.Foreign,
        "Sends binary garbage without a line end and stays open.", Expects.NotHttp, GarbageBytes, Hang);
}
