using Microsoft.AspNetCore.Http;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation.Languages;
using ProxyGate.Diagnostics.Explanation.Words;
using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Pages.Public;

/// <summary>All that any form of the public's answer may say: nothing else of the failure reaches the writers of it.</summary>
internal sealed record PublicView
{
    public required string Id { get; init; }

    public required DateTime Time { get; init; }

    public required string Moment { get; init; }

    public required int Status { get; init; }

    /// <summary>Seconds; absent where waiting is not known to help.</summary>
    public int? RetryAfter { get; init; }

    public required bool Retryable { get; init; }

    public required PublicKind Kind { get; init; }

    public required PublicLanguage Language { get; init; }

    public required PageSettings Settings { get; init; }

    /// <summary>Whether the request can be made again without harm: only then may the page do so, or offer it.</summary>
    public required bool SafeToRepeat { get; init; }

    public PublicText Text => Language.Of(Kind);

    public PublicLabels Labels => Language.Labels;

    /// <summary>Whether the trouble is on this side of the visitor.</summary>
    public bool IsOurs => PublicWords.IsOurs(Kind);

    public bool CanReturn => IsOurs && SafeToRepeat;

    public bool OffersRepeat => SafeToRepeat && (IsOurs || Kind is PublicKind.TooMany or PublicKind.Incomplete or PublicKind.TooSlow or PublicKind.BrokenOff);

    /// <summary>Something was sent and nobody knows whether it arrived.</summary>
    public bool MayHaveArrived => IsOurs && !SafeToRepeat;

    public static PublicView Of(HttpRequest request, FailureEvent failure, PageSettings settings) => new()
    {
        Id = failure.Id,
        Time = failure.Time.UtcDateTime,
        Moment = TextAnswer.Moment(failure),
        Status = failure.Status,
        RetryAfter = failure.Diagnosis.Failure.RetryAfterSeconds,
        Retryable = failure.Diagnosis.Failure.Cause.Retryable,
        Kind = PublicWords.KindOf(failure.Diagnosis.Failure),
        Language = LanguageChoice.Of(request.Headers.AcceptLanguage, PublicLanguages.Find(settings.Language) ?? PublicLanguages.Default),
        Settings = settings,
        SafeToRepeat = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method),
    };
}
