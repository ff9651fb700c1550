using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing.Patterns;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Gateway.Configuration;

/// <summary>The kinds of value the configuration knows.</summary>
internal static class Shapes
{
    private static readonly string[] s_causes = [.. CauseCatalogue.All.Select(c => c.Id)];

    public static ScalarShape Text(string expected = "text") =>
        new(ScalarType.Text, expected, static _ => null) { Schema = static () => new JsonObject { ["type"] = "string" } };

    public static ScalarShape Name(string expected) => new(ScalarType.Text, expected,
        text => string.IsNullOrWhiteSpace(text) ? new ScalarMistake($"must not be empty: it is {expected}") : null)
    {
        Schema = static () => new JsonObject { ["type"] = "string", ["minLength"] = 1 },
    };

    public static ScalarShape Flag() => new(ScalarType.Flag, "true or false", CheckFlag)
    {
        Schema = static () => new JsonObject { ["type"] = Strings("boolean", "string"), ["pattern"] = "^([Tt]rue|[Ff]alse)$" },
    };

    public static ScalarShape Whole(long min, long max) => new(ScalarType.Whole, $"a whole number from {min} to {max}", text =>
        !long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? new ScalarMistake($"must be a whole number from {min} to {max}, not \"{text}\"")
            : number < min || number > max ? new ScalarMistake($"is {number}; it must be from {min} to {max}") : null)
    {
        Schema = () => new JsonObject { ["type"] = Strings("integer", "string"), ["minimum"] = min, ["maximum"] = max, ["pattern"] = "^-?[0-9]+$" },
    };

    public static ScalarShape Duration(TimeSpan min, TimeSpan max) =>
        new(ScalarType.Duration, "a duration such as \"2s\", \"500ms\" or \"00:00:02\"", text => CheckDuration(text, min, max))
        {
            Schema = static () => new JsonObject { ["type"] = "string", ["pattern"] = Durations.Pattern },
        };

    public static ScalarShape Size(long min, long max) =>
        new(ScalarType.Size, "a size such as \"10MiB\", \"64KiB\" or a number of bytes", text => CheckSize(text, min, max))
        {
            Schema = () => new JsonObject
            {
                ["type"] = Strings("string", "integer"),
                ["pattern"] = ByteSizes.Pattern,
                ["minimum"] = min,
                ["maximum"] = max,
            },
        };

    public static ScalarShape Choice(params string[] choices) =>
        new(ScalarType.Text, choices.Length == 1 ? $"\"{choices[0]}\"" : "one of " + string.Join(", ", choices), text => CheckChoice(text, choices))
        {
            Choices = choices,
            Schema = () => new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. choices.Select(c => JsonValue.Create(c))]) },
        };

    /// <summary>A policy the gateway does not have; only the words that switch it off mean something.</summary>
    public static ScalarShape Absent(string what, params string[] allowed) =>
        new(ScalarType.Text, string.Join(" or ", allowed), text => allowed.Contains(text, StringComparer.OrdinalIgnoreCase)
            ? null
            : new ScalarMistake($"names the {what} \"{text}\", but the gateway defines none"
                + (allowed.Length == 0 ? "" : $"; it can only be {string.Join(" or ", allowed)}")))
        {
            Choices = allowed,
            Schema = () => allowed.Length == 0
                ? new JsonObject { ["type"] = "null" }
                : new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. allowed.Select(c => JsonValue.Create(c))]) },
        };

    public static ScalarShape Listen() => new(ScalarType.Text, "a listen address such as http://localhost:8080",
        static text => ListenAddress.TryParse(text, out _, out var mistake, out var suggestion) ? null : new ScalarMistake(mistake, suggestion))
    {
        Schema = static () => new JsonObject { ["type"] = "string", ["pattern"] = "^[Hh][Tt][Tt][Pp][Ss]?://" },
    };

    public static ScalarShape Destination() => new(ScalarType.Destination, "a URL such as http://localhost:5000",
        static text => DestinationAddress.TryParse(text, out _, out var mistake, out var suggestion) ? null : new ScalarMistake(mistake, suggestion))
    {
        Schema = static () => new JsonObject { ["type"] = "string", ["pattern"] = "^[Hh][Tt][Tt][Pp][Ss]?://" },
    };

    /// <summary>Words of Npgsql; a wrong one is named, its values are not: they hold the password.</summary>
    public static ScalarShape ConnectionString() => new(ScalarType.Text, "a connection string such as \"Host=db;Database=proxygate\"", PostgresWords.Check)
    {
        Schema = static () => new JsonObject { ["type"] = "string", ["minLength"] = 1 },
    };

    public static ScalarShape Secret() => new(ScalarType.Text, "a secret of at least 16 characters",
        static text => text.Length < 16 ? new ScalarMistake($"has {text.Length} characters; a secret that cannot be guessed has at least 16") : null)
    {
        Schema = static () => new JsonObject { ["type"] = "string", ["minLength"] = 16 },
    };

    public static ScalarShape Network(bool orUnix) => new(ScalarType.Text, "an IP address or network such as 10.0.0.0/8",
        text => (orUnix && text == "unix:") || NetworkRange.TryParse(text, out _, out var mistake, out var suggestion)
            ? null
            : new ScalarMistake(mistake, suggestion))
    {
        Schema = static () => new JsonObject { ["type"] = "string" },
    };

    public static ScalarShape PathPattern() => new(ScalarType.Text, "a path pattern such as /api/{**rest}", CheckPattern)
    {
        Schema = static () => new JsonObject { ["type"] = "string" },
    };

    public static ScalarShape HttpVersion() => new(ScalarType.Version, "an HTTP version: 1.0, 1.1, 2 or 3",
        static text => text is "1.0" or "1.1" or "2" or "2.0" or "3" or "3.0"
            ? null
            : new ScalarMistake($"is \"{text}\"; the HTTP versions are 1.0, 1.1, 2 and 3", text is "1" ? "\"1.1\"" : null))
    {
        Schema = static () => new JsonObject { ["type"] = Strings("string", "number"), ["enum"] = new JsonArray("1.0", "1.1", "2", "2.0", "3", "3.0", 1.0, 1.1, 2, 3) },
    };

    public static ScalarShape Status() => new(ScalarType.Status, "a status such as 502, or 5xx for all of them", static text =>
        StatusPattern.TryParse(text, out _) ? null
        : new ScalarMistake($"is \"{text}\"; it must be a status from 400 to 599 such as 502, or \"4xx\" or \"5xx\" for all of them",
            text.Length > 0 && text[0] is '4' or '5' && text.Length <= 3 ? $"\"{text[0]}xx\"" : null))
    {
        Schema = static () => new JsonObject { ["type"] = Strings("string", "integer"), ["pattern"] = StatusPattern.Pattern, ["minimum"] = 400, ["maximum"] = 599 },
    };

    public static ScalarShape Cause() => new(ScalarType.Text, "the id of a cause such as connect_refused", static text =>
        CauseCatalogue.TryGet(text, out _) ? null
        : new ScalarMistake($"\"{text}\" is no cause the gateway knows", Spelling.Nearest(text, s_causes) is { } near ? $"\"{near}\"" : null))
    {
        Choices = s_causes,
        Schema = static () => new JsonObject { ["type"] = "string", ["enum"] = Strings(s_causes) },
    };

    /// <summary>Shown on every page, so: one line, and not a story.</summary>
    public static ScalarShape Line(string expected, int longest) => new(ScalarType.Text, expected, text =>
        text.Length > longest ? new ScalarMistake($"has {text.Length} characters; it must be {expected}, of at most {longest}")
        : text.Any(char.IsControl) ? new ScalarMistake("holds a line break or another control character; it must be one line")
        : null)
    {
        Schema = () => new JsonObject { ["type"] = "string", ["maxLength"] = longest },
    };

    private static JsonArray Strings(params string[] texts) => new([.. texts.Select(t => (JsonNode)JsonValue.Create(t))]);

    private static ScalarMistake? CheckFlag(string text) => text.ToUpperInvariant() switch
    {
        "TRUE" or "FALSE" => null,
        "YES" or "ON" or "1" or "Y" => new ScalarMistake($"must be true or false, not \"{text}\"", "true"),
        "NO" or "OFF" or "0" or "N" => new ScalarMistake($"must be true or false, not \"{text}\"", "false"),
        _ => new ScalarMistake($"must be true or false, not \"{text}\"", Spelling.Nearest(text, ["true", "false"])),
    };

    private static ScalarMistake? CheckDuration(string text, TimeSpan min, TimeSpan max)
    {
        if (!Durations.TryParse(text, out var duration))
        {
            var suggestion = Durations.Suggest(text);
            var usable = suggestion is not null && Durations.TryParse(suggestion.Trim('"'), out var meant) && meant >= min && meant <= max;
            return new ScalarMistake($"\"{text}\" is not a duration; write it as \"2s\", \"500ms\", \"1m\" or \"00:00:02\"", usable ? suggestion : null);
        }

        return duration < min || duration > max
            ? new ScalarMistake($"is {Durations.Write(duration)}; it must be from {Durations.Write(min)} to {Durations.Write(max)}")
            : null;
    }

    private static ScalarMistake? CheckSize(string text, long min, long max)
    {
        if (!ByteSizes.TryParse(text, out var bytes))
            return new ScalarMistake($"\"{text}\" is not a size; write it as \"10MiB\", \"64KiB\" or a number of bytes", ByteSizes.Suggest(text));
        return bytes < min || bytes > max
            ? new ScalarMistake($"is {ByteSizes.Write(bytes)}; it must be from {ByteSizes.Write(min)} to {ByteSizes.Write(max)}")
            : null;
    }

    private static ScalarMistake? CheckChoice(string text, string[] choices) => choices.Contains(text, StringComparer.OrdinalIgnoreCase)
        ? null
        : new ScalarMistake($"\"{text}\" is not known here; it must be {(choices.Length == 1 ? "" : "one of ")}{string.Join(", ", choices)}",
            Spelling.Nearest(text, choices) is { } near ? $"\"{near}\"" : null);

    private static ScalarMistake? CheckPattern(string text)
    {
        try
        {
            RoutePatternFactory.Parse(text);
            return null;
        }
        catch (RoutePatternException e)
        {
            return new ScalarMistake($"\"{text}\" is not a valid path pattern: {e.Message.TrimEnd('.')}");
        }
    }
}
