using System.Text;
using System.Text.Json;

namespace ProxyGate.Gateway.Configuration;

/// <summary>
/// Reads JSON (comments and trailing commas allowed) into nodes that know their line and column. What was read before a syntax error is kept,
/// so that mistakes in it can be named together with the syntax error.
/// </summary>
internal sealed class ConfigFileReader
{
    private const int MaxDepth = 64;

    private readonly string _file;
    private readonly byte[] _bytes;
    private readonly List<int> _lineStarts = [0];
    private readonly List<ConfigMistake> _mistakes;

    private ConfigFileReader(string file, byte[] bytes, List<ConfigMistake> mistakes)
    {
        _file = file;
        _bytes = bytes;
        _mistakes = mistakes;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] == (byte)'\n')
                _lineStarts.Add(i + 1);
        }
    }

    /// <returns>The root, always a section; <paramref name="complete"/> is false when a syntax error cut the reading short.</returns>
    public static ConfigNode Read(string file, byte[] bytes, List<ConfigMistake> mistakes, out bool complete)
    {
        var bom = Encoding.UTF8.Preamble;
        return new ConfigFileReader(file, bytes.AsSpan().StartsWith(bom) ? bytes[bom.Length..] : bytes, mistakes).ReadRoot(out complete);
    }

    private ConfigNode ReadRoot(out bool complete)
    {
        var root = new ConfigNode(ConfigNodeKind.Section, new ConfigPosition(_file, 1, 1));
        var reader = new Utf8JsonReader(_bytes, new JsonReaderOptions
        {
            CommentHandling = JsonCommentHandling.Skip,
            AllowTrailingCommas = true,
            MaxDepth = MaxDepth,
        });
        complete = false;
        try
        {
            if (_bytes.AsSpan().IndexOfAnyExcept(" \t\r\n"u8) < 0)
            {
                AddSyntax(root.Position, "the file is empty; it must be one JSON object { … }");
                return root;
            }

            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                AddSyntax(PositionAt(reader.TokenStartIndex), "the file must be one JSON object { … }");
                return root;
            }

            ReadSection(ref reader, root, "");
            // Reads on to the end, so that anything after the object is said too.
            complete = !reader.Read();
        }
        catch (JsonException e)
        {
            AddSyntax(PositionOf(e), "is not valid JSON: " + Plain(e.Message));
        }

        return root;
    }

    private void ReadSection(ref Utf8JsonReader reader, ConfigNode section, string path)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var position = PositionAt(reader.TokenStartIndex);
            var name = reader.GetString()!;
            var key = path.Length == 0 ? name : $"{path}:{name}";
            if (section.FindProperty(name) is { } first)
            {
                _mistakes.Add(new ConfigMistake
                {
                    File = _file,
                    Line = position.Line,
                    Column = position.Column,
                    Key = key,
                    Message = $"is given twice in the same section; the first is on line {first.Position.Line}",
                });
            }

            reader.Read();
            var value = Start(ref reader);
            // Attached before it is filled: what a syntax error leaves behind is still looked at.
            section.Properties.Add(new ConfigProperty(name, position, value));
            Fill(ref reader, value, key);
        }
    }

    private ConfigNode Start(ref Utf8JsonReader reader)
    {
        var position = PositionAt(reader.TokenStartIndex);
        return reader.TokenType switch
        {
            JsonTokenType.StartObject => new ConfigNode(ConfigNodeKind.Section, position),
            JsonTokenType.StartArray => new ConfigNode(ConfigNodeKind.List, position),
            JsonTokenType.String => ConfigNode.Scalar(ConfigNodeKind.Text, reader.GetString()!, position),
            JsonTokenType.Number => ConfigNode.Scalar(ConfigNodeKind.Number, Encoding.UTF8.GetString(reader.ValueSpan), position),
            JsonTokenType.True => ConfigNode.Scalar(ConfigNodeKind.Flag, "true", position),
            JsonTokenType.False => ConfigNode.Scalar(ConfigNodeKind.Flag, "false", position),
            _ => new ConfigNode(ConfigNodeKind.Null, position),
        };
    }

    private void Fill(ref Utf8JsonReader reader, ConfigNode value, string path)
    {
        if (value.Kind == ConfigNodeKind.Section)
        {
            ReadSection(ref reader, value, path);
        }
        else if (value.Kind == ConfigNodeKind.List)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var item = Start(ref reader);
                value.Items.Add(item);
                Fill(ref reader, item, $"{path}:{value.Items.Count - 1}");
            }
        }
    }

    private ConfigPosition PositionAt(long offset)
    {
        var line = _lineStarts.BinarySearch((int)offset);
        line = line >= 0 ? line : ~line - 1;
        return At(line, (int)offset - _lineStarts[line]);
    }

    private ConfigPosition PositionOf(JsonException e)
    {
        var line = (int)Math.Min(e.LineNumber ?? 0, _lineStarts.Count - 1);
        return At(line, (int)Math.Min(e.BytePositionInLine ?? 0, _bytes.Length - _lineStarts[line]));
    }

    private ConfigPosition At(int line, int byteInLine) =>
        new(_file, line + 1, Encoding.UTF8.GetCharCount(_bytes, _lineStarts[line], byteInLine) + 1);

    private void AddSyntax(ConfigPosition at, string message) =>
        _mistakes.Add(new ConfigMistake { File = at.File, Line = at.Line, Column = at.Column, Message = message });

    /// <summary>The reader repeats the position inside its message, counted from zero: ours stands in front.</summary>
    private static string Plain(string message)
    {
        var end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        var text = end < 0 ? message : message[..end];
        return text.Replace(" Change the reader options.", "", StringComparison.Ordinal).TrimEnd('.');
    }
}
