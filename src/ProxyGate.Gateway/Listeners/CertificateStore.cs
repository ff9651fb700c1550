using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Listeners;

/// <summary>
/// The certificates of the https listeners, chosen by server name and read again when their files change. A new file that cannot be used leaves the
/// old certificate in use and says why.
/// </summary>
internal sealed class CertificateStore : BackgroundService
{
    /// <summary>A changed file is read when it was the same twice: certificate and key are rarely written at one moment.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly IGatewaySettingsSource _settings;
    private readonly TimeProvider _time;
    private readonly ILogger<CertificateStore> _logger;
    private readonly Lock _lock = new();
    private volatile CertificateChoice _choice = CertificateChoice.Empty;
    private List<Entry> _entries = [];

    public CertificateStore(IGatewaySettingsSource settings, TimeProvider time, ILogger<CertificateStore> logger)
    {
        _settings = settings;
        _time = time;
        _logger = logger;
        TakeOver(settings.Current);
        settings.Changed += TakeOver;
    }

    /// <summary>What to answer a client that asked for this name (SNI); null or empty when it asked for none.</summary>
    public SslServerAuthenticationOptions? Choose(string? serverName) => _choice.For(serverName);

    /// <summary>The certificates in use, by file, with the moment they expire.</summary>
    public IReadOnlyList<(string Name, DateTimeOffset NotAfter)> Expiries
    {
        get
        {
            lock (_lock) return [.. _entries.Where(e => e.Current is not null).Select(e => (e.Settings.Certificate, e.NotAfter))];
        }
    }

    /// <summary>One look at the files.</summary>
    internal void Poll()
    {
        lock (_lock)
        {
            var changed = false;
            foreach (var entry in _entries)
                changed |= entry.Poll(_logger);
            if (changed)
                _choice = CertificateChoice.Of(_entries.Select(e => e.Current));
        }
    }

    public override void Dispose()
    {
        _settings.Changed -= TakeOver;
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    Poll();
                }
                catch (Exception e)
                {
                    _logger.LogError(e, "The certificate files could not be looked at; the certificates in use stay.");
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The gateway stops.
        }
    }

    private void TakeOver(GatewaySettings settings)
    {
        lock (_lock)
        {
            // Those that are configured as before keep what they have, even if the file is not readable just now.
            _entries = [.. settings.Certificates.Select(c => _entries.Find(e => Same(e.Settings, c)) ?? new Entry(c))];
            foreach (var entry in _entries)
                entry.LoadFirst(_logger);
            _choice = CertificateChoice.Of(_entries.Select(e => e.Current));
        }
    }

    /// <summary>Records compare lists by reference.</summary>
    private static bool Same(CertificateSettings a, CertificateSettings b) => a with { Names = b.Names } == b && a.Names.SequenceEqual(b.Names);

    private sealed class Entry(CertificateSettings settings)
    {
        private byte[] _judged = [];
        private byte[] _lastSeen = [];

        public CertificateSettings Settings => settings;

        public CertificateChoice.Served? Current { get; private set; }

        public DateTimeOffset NotAfter { get; private set; }

        public void LoadFirst(ILogger logger)
        {
            if (Current is null)
                Load(Hash(), logger);
        }

        public bool Poll(ILogger logger)
        {
            var seen = Hash();
            var settled = seen.AsSpan().SequenceEqual(_lastSeen);
            _lastSeen = seen;
            return settled && !seen.AsSpan().SequenceEqual(_judged) && Load(seen, logger);
        }

        private bool Load(byte[] seen, ILogger logger)
        {
            _judged = _lastSeen = seen;
            if (!CertificateFile.TryLoad(settings, out var loaded, out var mistake))
            {
                logger.LogWarning("{Certificate:l}: {Key:l}: {Mistake:l}. {Consequence:l}", settings.Certificate, mistake.Key, mistake.Message,
                    Current is null ? "It is not served." : "The certificate read before stays in use.");
                return false;
            }

            var again = Current is not null;
            Current = CertificateChoice.Served.Of(loaded, settings.Names);
            NotAfter = loaded.Certificate.NotAfter.ToUniversalTime();
            if (again)
                logger.LogInformation("{Certificate:l} has been read again; it is valid until {NotAfter:u}.", settings.Certificate, loaded.Certificate.NotAfter.ToUniversalTime());
            return true;
        }

        /// <summary>One digest of the files' content; a file that cannot be read counts as empty.</summary>
        private byte[] Hash()
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var file in (string?[])[settings.Certificate, settings.Key])
            {
                if (file is null)
                    continue;
                try
                {
                    hash.AppendData(File.ReadAllBytes(file));
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    hash.AppendData("unreadable"u8);
                }
            }

            return hash.GetHashAndReset();
        }
    }
}
