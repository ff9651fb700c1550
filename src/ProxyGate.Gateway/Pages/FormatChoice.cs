using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ProxyGate.Gateway.Pages;

/// <summary>
/// Chooses the form of an answer by Accept (RFC 9110 section 12.5.1). Who names nothing (no Accept, or only <c>*/*</c>, as curl, wget and most
/// HTTP libraries send) gets plain text: that reads best in a terminal and in a log. HTML goes only to who asks for <c>text/html</c> or
/// <c>text/*</c>, JSON to who asks for <c>application/problem+json</c>, <c>application/json</c> or <c>application/*</c>.
/// </summary>
internal static class FormatChoice
{
    /// <summary>In order of preference where a client likes several equally well.</summary>
    private static readonly (AnswerFormat Format, string Type, string Subtype)[] Offers =
    [
        (AnswerFormat.Html, "text", "html"),
        (AnswerFormat.ProblemJson, "application", "problem+json"),
        (AnswerFormat.ProblemJson, "application", "json"),
        (AnswerFormat.Markdown, "text", "markdown"),
        (AnswerFormat.Text, "text", "plain"),
    ];

    private const int Any = 1;
    private const int AnyOfType = 2;
    private const int Exact = 3;

    public static AnswerFormat Of(HttpRequest request) => IsGrpc(request.ContentType) ? AnswerFormat.Grpc : Of(request.Headers.Accept);

    /// <summary>A gRPC call says so by its own content type; whatever it accepts, it can read nothing but a grpc-status.</summary>
    public static bool IsGrpc(string? contentType)
    {
        const string Grpc = "application/grpc";
        return contentType is not null
            && contentType.StartsWith(Grpc, StringComparison.OrdinalIgnoreCase)
            && (contentType.Length == Grpc.Length || contentType[Grpc.Length] is '+' or '-' or ';' or ' ');
    }

    public static AnswerFormat Of(StringValues accept)
    {
        Span<(int Specificity, double Quality)> best = stackalloc (int, double)[Offers.Length];
        foreach (var line in accept)
        {
            if (line is null) continue;
            foreach (var part in line.AsSpan().Split(','))
            {
                if (!TryParse(line.AsSpan()[part], out var type, out var subtype, out var quality)) continue;
                for (var i = 0; i < Offers.Length; i++)
                {
                    var specificity = Matches(Offers[i], type, subtype);
                    if (specificity > best[i].Specificity) best[i] = (specificity, quality);
                }
            }
        }

        return Choose(best);
    }

    private static AnswerFormat Choose(ReadOnlySpan<(int Specificity, double Quality)> best)
    {
        // Nothing acceptable: an answer in plain text serves better than an empty 406 (RFC 9110 section 12.4.1 allows it).
        var chosen = -1;
        for (var i = 0; i < Offers.Length; i++)
        {
            if (best[i].Quality <= 0) continue;
            if (chosen < 0 || Beats(best[i], best[chosen], i)) chosen = i;
        }

        return chosen < 0 ? AnswerFormat.Text : Offers[chosen].Format;
    }

    private static bool Beats((int Specificity, double Quality) one, (int Specificity, double Quality) other, int index) =>
        one.Quality > other.Quality
        || (one.Quality == other.Quality
            && (one.Specificity > other.Specificity
                || (one.Specificity == Any && other.Specificity == Any && Offers[index].Format == AnswerFormat.Text)));

    private static int Matches((AnswerFormat Format, string Type, string Subtype) offer, ReadOnlySpan<char> type, ReadOnlySpan<char> subtype)
    {
        if (type is "*") return subtype is "*" ? Any : 0;
        if (!type.Equals(offer.Type, StringComparison.OrdinalIgnoreCase)) return 0;
        if (subtype is "*") return AnyOfType;
        return subtype.Equals(offer.Subtype, StringComparison.OrdinalIgnoreCase) ? Exact : 0;
    }

    private static bool TryParse(ReadOnlySpan<char> range, out ReadOnlySpan<char> type, out ReadOnlySpan<char> subtype, out double quality)
    {
        type = subtype = default;
        quality = 1;
        var semicolon = range.IndexOf(';');
        var media = (semicolon < 0 ? range : range[..semicolon]).Trim();
        var slash = media.IndexOf('/');
        if (slash <= 0 || slash == media.Length - 1) return false;
        type = media[..slash].Trim();
        subtype = media[(slash + 1)..].Trim();
        if (semicolon < 0) return true;

        var parameters = range[(semicolon + 1)..];
        foreach (var part in parameters.Split(';'))
        {
            var parameter = parameters[part].Trim();
            if (parameter.Length < 2 || parameter[0] is not ('q' or 'Q') || parameter[1..].TrimStart() is not ['=', ..]) continue;
            var value = parameter[(parameter.IndexOf('=') + 1)..].Trim();

            // An unreadable weight is no wish to be served.
            quality = double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var q) && q is >= 0 and <= 1 ? q : 0;
        }

        return true;
    }
}
