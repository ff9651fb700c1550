using System.Globalization;
using System.Text;
using ProxyGate.Diagnostics.Explanation.Languages;
using ProxyGate.Gateway.Pages.Stencils;

namespace ProxyGate.Gateway.Pages.Public;

/// <summary>The public's answer for all failures that are told alike: they differ in id and time.</summary>
internal static class PublicStencil
{
    /// <summary>Letters and digits only, which no form writes in another way; no answer holds them by chance.</summary>
    private const string Id = "idq7w3k9vz0x8";
    private const string Moment = "momentq7w3k9vz0x8";
    private static readonly DateTime s_time = new(9876, 5, 4, 3, 21, 9, DateTimeKind.Utc);

    private static readonly Mark[] s_marks =
    [
        new(StencilValue.Id, Encoding.ASCII.GetBytes(Id)),
        new(StencilValue.Moment, Encoding.ASCII.GetBytes(Moment)),
        new(StencilValue.Instant, Encoding.ASCII.GetBytes(Instant(s_time))),
    ];

    /// <param name="view">One of those failures.</param>
    /// <param name="write">Writes the answer.</param>
    /// <returns>Absent where the answer cannot be had so; then each is written by itself.</returns>
    public static Stencil? Cut(PublicView view, Func<PublicView, ReadOnlyMemory<byte>> write)
    {
        var stencil = Stencil.Cut(write(view with { Id = Id, Moment = Moment, Time = s_time }).Span, s_marks);
        using var filled = new AnswerBuffer(stencil.Length + 256);
        stencil.Fill(filled, new PublicValues(view));
        return filled.Written.Span.SequenceEqual(write(view).Span) ? stencil : null;
    }

    public static string Instant(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

/// <summary>All that decides how a failure is told to the public.</summary>
internal readonly record struct PublicKey(
    AnswerFormat Format, PublicKind Kind, string Language, int Status, bool Retryable, bool SafeToRepeat, int? RetryAfter, object? OwnPage)
{
    public static PublicKey Of(AnswerFormat format, PublicView view, object? ownPage) =>
        // Only a page of the operator's own can say it in the body.
        new(format, view.Kind, view.Language.Tag, view.Status, view.Retryable, view.SafeToRepeat, ownPage is null ? null : view.RetryAfter, ownPage);
}

internal readonly struct PublicValues(PublicView view) : IStencilValues
{
    public void Write(StencilValue value, AnswerBuffer buffer) => buffer.Utf8(value switch
    {
        StencilValue.Id => view.Id,
        StencilValue.Moment => view.Moment,
        _ => PublicStencil.Instant(view.Time),
    });
}
