using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation.Guides;
using ProxyGate.Diagnostics.Explanation.Guides.Search;
using ProxyGate.Diagnostics.Explanation.Hints;

namespace ProxyGate.Gateway.Dashboard.Views;

/// <summary>The manual's list, or what was found in it.</summary>
/// <param name="Query">What was searched for; empty for the whole list.</param>
/// <param name="Matches">What the text can mean, the most usual first.</param>
/// <param name="Nearest">Ids that are spelt nearly so, when nothing was found.</param>
/// <param name="LooksLikeFailure">The text looks like the id of one failure.</param>
/// <param name="Causes">All causes, by where in a request's life they are met; empty when something was searched for.</param>
/// <param name="RootCauses">All root causes; empty when something was searched for.</param>
public sealed record CausesView(
    string Query, IReadOnlyList<CauseMatch> Matches, IReadOnlyList<string> Nearest, bool LooksLikeFailure,
    IReadOnlyList<CauseEntry> Causes, IReadOnlyList<RootCauseEntry> RootCauses)
{
    private const int MaxQuery = 4096;

    public static CausesView Of(string query)
    {
        query = query.Trim();
        if (query.Length == 0)
        {
            return new CausesView("", [], [], false, [.. CauseCatalogue.All.OrderBy(c => CauseEntry.Place(c.Stage)).Select(CauseEntry.Of)],
                [.. HintGuides.All.Select(h => new RootCauseEntry(h.Id, h.Title))]);
        }

        if (query.Length > MaxQuery) query = query[..MaxQuery];
        var found = GuideSearch.Find(query);
        return new CausesView(Shown.Line(query, 200), [.. found.Matches.Select(CauseMatch.Of)], found.Nearest, found.LooksLikeFailureId, [], []);
    }
}

/// <summary>A cause or root cause that a text can mean.</summary>
/// <param name="Kind">cause or root_cause.</param>
/// <param name="Id">Its id.</param>
/// <param name="Title">What it means, in short.</param>
/// <param name="Why">Why it was found.</param>
public sealed record CauseMatch(string Kind, string Id, string Title, string Why)
{
    internal static CauseMatch Of(GuideMatch match) => match.Kind == GuideKind.Cause
        ? new CauseMatch("cause", match.Id, CauseEntry.FirstSentence(CauseGuides.Of(match.Id).Meaning), Shown.Line(match.Why, 300))
        : new CauseMatch("root_cause", match.Id, HintGuides.Get(match.Id).Title, Shown.Line(match.Why, 300));
}

/// <summary>A cause in short.</summary>
/// <param name="Id">Its id, which never changes.</param>
/// <param name="Title">A few plain words.</param>
/// <param name="Meaning">What was seen.</param>
/// <param name="Stage">Where in a request's life it is met.</param>
/// <param name="Party">Who to look at first.</param>
/// <param name="Status">What the client gets; 0 where the app's own answer goes through.</param>
/// <param name="ProxyStatus">The error type of RFC 9209; absent where there is none.</param>
/// <param name="Retryable">Whether trying again can help without anyone changing anything.</param>
/// <param name="RetryAfterSeconds">How long clients are told to wait.</param>
public sealed record CauseEntry(string Id, string Title, string Meaning, string Stage, string Party, int Status, string? ProxyStatus, bool Retryable, int? RetryAfterSeconds)
{
    internal static CauseEntry Of(Cause c) => new(
        c.Id, c.Title, FirstSentence(CauseGuides.Of(c.Id).Meaning), ContractNames.Of(c.Stage), ContractNames.Of(c.Party), c.Status,
        c.ProxyError.Length > 0 ? c.ProxyError : null, c.Retryable, c.RetryAfterSeconds);

    internal static int Place(Stage stage) => stage == Diagnostics.Attempts.Stage.Policy ? 0 : (int)stage + 1;

    internal static string FirstSentence(string text) => text.IndexOf(". ", StringComparison.Ordinal) is var end and > 0 ? text[..(end + 1)] : text;

    internal static string StageInWords(string stage) => stage switch
    {
        "route" => "Before a destination was contacted",
        "policy" => "A rule of the gateway decided",
        "dns" => "Finding the destination's address",
        "connect" => "Making the connection",
        "tls" => "Agreeing on encryption",
        "send" => "Sending the request",
        "head" => "Waiting for the answer to begin",
        "body" => "Receiving the rest of the answer",
        _ => "A live connection such as a WebSocket",
    };

    internal static string PartyInWords(string party) => party switch
    {
        "client" => "the client",
        "gateway" => "ProxyGate's configuration and machine",
        "network" => "the network",
        "upstream_process" => "the app's process: does it run, does it listen, did it end?",
        "upstream_app" => "the app's own work",
        "next_gateway" => "the gateway behind this one",
        _ => "the evidence, as nobody can be named",
    };
}

/// <summary>A root cause in short.</summary>
/// <param name="Id">Its id, which never changes.</param>
/// <param name="Title">A few words.</param>
public sealed record RootCauseEntry(string Id, string Title);

/// <summary>The manual's page of a cause.</summary>
/// <param name="Cause">The cause in short.</param>
/// <param name="Meaning">What was seen, in full.</param>
/// <param name="Example">A realistic failure in one sentence; its values stand in the commands as well.</param>
/// <param name="DoesNotProve">What it leaves open.</param>
/// <param name="Checks">What to look at first: shell lines; one that begins with # is a step for a person.</param>
/// <param name="RootCauses">What usually stands behind it, the most frequent first.</param>
/// <param name="Equivalents">What others call it.</param>
public sealed record CauseView(
    CauseEntry Cause, string Meaning, string Example, string DoesNotProve, IReadOnlyList<string> Checks,
    IReadOnlyList<RootCauseBehind> RootCauses, IReadOnlyList<CalledElsewhere> Equivalents)
{
    internal static CauseView? Of(string id)
    {
        if (!CauseCatalogue.TryGet(id, out var cause)) return null;
        var page = GuidePages.OfCause(cause.Id);
        return new CauseView(
            CauseEntry.Of(cause), page.Guide.Meaning, page.Example.Sentence, page.Example.DoesNotProve, page.Example.Checks,
            [.. page.RootCauses.Select(r => new RootCauseBehind(r.Guide.Id, r.Guide.Title, r.TellApart, r.Confirm, r.Fix))],
            [.. page.Guide.Equivalents.Select(e => new CalledElsewhere(e.System, e.Message, e.Difference))]);
    }
}

/// <summary>A root cause on the page of a cause.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Title">A few words.</param>
/// <param name="ToldBy">What tells it from the others.</param>
/// <param name="Confirm">Shell lines that look and change nothing.</param>
/// <param name="Fix">Steps and shell lines that mend it.</param>
public sealed record RootCauseBehind(string Id, string Title, string ToldBy, IReadOnlyList<string> Confirm, IReadOnlyList<string> Fix);

/// <summary>What another proxy, platform or library says for the same fault.</summary>
/// <param name="System">Which one.</param>
/// <param name="Message">Its message or code.</param>
/// <param name="Difference">Where it means more or less; empty where it means the same.</param>
public sealed record CalledElsewhere(string System, string Message, string Difference);

/// <summary>The manual's page of a root cause.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Title">A few words.</param>
/// <param name="Meaning">What goes on.</param>
/// <param name="Evidence">What proves it, and what speaks against it.</param>
/// <param name="Causes">The causes it can stand behind.</param>
/// <param name="Confirm">Shell lines that look and change nothing, with an example's values.</param>
/// <param name="Fix">Steps and shell lines that mend it.</param>
public sealed record RootCauseView(
    string Id, string Title, string Meaning, string Evidence, IReadOnlyList<string> Causes, IReadOnlyList<string> Confirm, IReadOnlyList<string> Fix)
{
    internal static RootCauseView? Of(string id)
    {
        if (!HintGuides.TryGet(id, out _)) return null;
        var page = GuidePages.OfHint(id);
        return new RootCauseView(page.Guide.Id, page.Guide.Title, page.Guide.Meaning, page.Guide.Evidence, page.Causes, page.Confirm, page.Fix);
    }
}
