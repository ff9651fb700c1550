using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace ProxyGate.Simulation.Clients;

/// <summary>Reads HTTP/1.1 answers from a stream and tells how each ended.</summary>
internal sealed class AnswerReader(Stream stream)
{
    private const int HeadLimit = 1 << 20;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly List<byte> _body = [];
    private int _begin;
    private int _end;
    private int? _status;
    private List<KeyValuePair<string, string>> _fields = [];

    internal async Task<ClientObservation> ReadAsync(string method, CancellationToken cancellationToken)
    {
        _status = null;
        _fields = [];
        _body.Clear();
        AnswerEnd end;
        try
        {
            end = await ReadMessageAsync(method, cancellationToken);
        }
        catch (EndOfStreamException)
        {
            end = AnswerEnd.Closed;
        }
        catch (IOException reset) when (reset.InnerException is SocketException)
        {
            end = AnswerEnd.Reset;
        }
        catch (Exception broken) when (broken is FormatException or OverflowException)
        {
            end = AnswerEnd.Malformed;
        }

        return new ClientObservation(_status, _fields, [.. _body], end);
    }

    private async Task<AnswerEnd> ReadMessageAsync(string method, CancellationToken cancellationToken)
    {
        do
        {
            await ReadHeadAsync(cancellationToken);
        }
        while (_status is >= 100 and < 200 and not 101);

        if (_status is 101)
        {
            await ReadToEndAsync(cancellationToken);
            return AnswerEnd.Complete;
        }

        if (method == "HEAD" || _status is 204 or 304)
            return AnswerEnd.Complete;
        if (Field("transfer-encoding") is not null)
            await ReadChunksAsync(cancellationToken);
        else if (Field("content-length") is { } length)
            await CopyAsync(long.Parse(length, NumberStyles.None, CultureInfo.InvariantCulture), cancellationToken);
        else
            await ReadToEndAsync(cancellationToken);
        return AnswerEnd.Complete;
    }

    private async Task ReadHeadAsync(CancellationToken cancellationToken)
    {
        var first = await ReadLineAsync(cancellationToken);
        var parts = first.Split(' ', 3);
        if (parts.Length < 2 || !parts[0].StartsWith("HTTP/1.", StringComparison.Ordinal))
            throw new FormatException("No status line.");
        _status = int.Parse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture);
        _fields = [];
        for (string line; (line = await ReadLineAsync(cancellationToken)).Length > 0;)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            _fields.Add(colon < 0 ? new(line, "") : new(line[..colon], line[(colon + 1)..].Trim()));
        }
    }

    private async Task ReadChunksAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var line = (await ReadLineAsync(cancellationToken)).Split(';')[0].Trim();
            var size = long.Parse(line, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (size == 0)
                break;
            await CopyAsync(size, cancellationToken);
            if ((await ReadLineAsync(cancellationToken)).Length > 0)
                throw new FormatException("Bytes after a chunk.");
        }

        while ((await ReadLineAsync(cancellationToken)).Length > 0)
            continue;
    }

    private string? Field(string name) =>
        _fields.Where(field => field.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(field => field.Value).FirstOrDefault();

    private async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        while (line.Length < HeadLimit)
        {
            if (_begin == _end && !await FillAsync(cancellationToken))
                throw new EndOfStreamException();
            var next = (char)_buffer[_begin++];
            if (next == '\n')
                return line.ToString().TrimEnd('\r');
            line.Append(next);
        }

        throw new FormatException("A line without end.");
    }

    private async Task CopyAsync(long count, CancellationToken cancellationToken)
    {
        while (count > 0)
        {
            if (_begin == _end && !await FillAsync(cancellationToken))
                throw new EndOfStreamException();
            var now = (int)Math.Min(count, _end - _begin);
            _body.AddRange(_buffer.AsSpan(_begin, now));
            _begin += now;
            count -= now;
        }
    }

    private async Task ReadToEndAsync(CancellationToken cancellationToken)
    {
        do
        {
            _body.AddRange(_buffer.AsSpan(_begin, _end - _begin));
        }
        while (await FillAsync(cancellationToken));
    }

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        _begin = 0;
        _end = 0;
        _end = await stream.ReadAsync(_buffer, cancellationToken);
        return _end > 0;
    }
}
