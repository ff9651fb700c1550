using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.WebUtilities;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Investigation.Probing.Ladders;

namespace ProxyGate.Gateway.Examining;

/// <summary>The steps over a connection: TLS, the request, the health check. What failed is said in the words of its cause.</summary>
internal static class RequestSteps
{
    private const int SoonDays = 14;

    /// <summary>Whether a request got as far as being sent over a connection.</summary>
    public static bool IsSpoken(Trial trial) => trial.Attempt.RequestNumber > 0;

    /// <param name="judged">What the requests say.</param>
    /// <param name="foothold">Where a connection was accepted.</param>
    public static IEnumerable<LadderStep> Of(Judgement judged, EndPoint? foothold)
    {
        var (destination, first) = (judged.Destination, judged.First);
        var end = EndOf(first.Attempt) ?? foothold;
        if (destination.UsesTls) yield return Tls(judged, end);
        yield return Http(judged);
        if (destination.Health is not null) yield return Health(judged);
    }

    private static LadderStep Tls(Judgement judged, EndPoint? end)
    {
        var (destination, first) = (judged.Destination, judged.First);
        var subject = end?.ToString() ?? destination.Root;
        if (first.Attempt.Tls is not { } tls) return LeftOut(Rung.Tls, subject);
        var commands = end is null ? [] : StepCommands.Tls(end, tls.ServerName);
        if (first.Observed is { Stage: Stage.Tls })
            return new LadderStep(Rung.Tls, subject, StepResult.Failed, tls.HandshakeMs ?? 0, [Words(first), .. TlsWords.Certificate(tls, judged.At)]) { Commands = commands };
        var days = tls.Certificate is { } certificate ? (certificate.NotAfter - judged.At).TotalDays : double.MaxValue;
        var soon = days < SoonDays;
        var seen = new List<string>([.. TlsWords.Certificate(tls, judged.At), TlsWords.Agreed(tls)]);
        if (!destination.Tls.Verify) seen.Add("its certificate was not verified, as it is asked for");
        return new LadderStep(Rung.Tls, subject, soon ? StepResult.Warned : StepResult.Passed, tls.HandshakeMs ?? 0, seen)
        {
            Commands = commands,
            Fix = soon ? "Renew the certificate, and see to it that the server takes the new one up." : null,
        };
    }

    private static LadderStep Http(Judgement judged)
    {
        var (destination, first) = (judged.Destination, judged.First);
        var subject = $"GET {first.Facts.Request.Path}";
        if (!IsSpoken(first)) return LeftOut(Rung.Http, subject);
        var commands = StepCommands.Get(CurlUrl(destination, destination.Address), destination.SocketPath, CurlOptions(destination));
        var took = first.TookMs;
        if (first.Observed is { } failure)
        {
            var longer = failure.Cause.Id == CauseId.ResponseTimeout && judged.Limits.AreCut;
            return new LadderStep(Rung.Http, subject, judged.FirstIsBad ? StepResult.Failed : StepResult.Warned, took, [Words(first)])
            {
                Commands = commands,
                Fix = longer ? $"The gateway itself waits {Amounts.Time(destination.Timeouts.FirstByte.TotalMilliseconds)} for an answer; --timeout makes this look wait longer." : null,
            };
        }

        var slow = took > Examiner.Slow.TotalMilliseconds;
        var missing = destination.PathIsNamed && first.Status >= 400;
        return new LadderStep(Rung.Http, subject, slow || missing ? StepResult.Warned : StepResult.Passed, took, [Answer(first, slow)]) { Commands = commands };
    }

    private static LadderStep Health(Judgement judged)
    {
        var destination = judged.Destination;
        var subject = $"GET {destination.HealthPath}";
        if (judged.Health is not { } health) return LeftOut(Rung.Health, subject);
        var commands = StepCommands.Get(CurlUrl(destination, destination.Health!), destination.SocketPath, CurlOptions(destination));
        var took = health.TookMs;
        if (health.Observed is not null) return new LadderStep(Rung.Health, subject, StepResult.Failed, took, [Words(health)]) { Commands = commands };
        if (!judged.HealthIsGood)
        {
            return new LadderStep(Rung.Health, subject, StepResult.Failed, took, [Answer(health, slow: false) + "; a good health check says 2xx or 3xx"])
            {
                Commands = commands,
                Fix = "Is this the path of the app's health check? If it is, the app says that it is not well.",
            };
        }

        var slow = took > Examiner.Slow.TotalMilliseconds;
        return new LadderStep(Rung.Health, subject, slow ? StepResult.Warned : StepResult.Passed, took, [Answer(health, slow)]) { Commands = commands };
    }

    private static LadderStep LeftOut(Rung rung, string subject) => new(rung, subject, StepResult.LeftOut, 0, ["the step before it did not hold"]);

    private static string Words(Trial trial) => Explainer.Explain(trial.Facts, trial.Observed!).Sentence;

    private static string Answer(Trial trial, bool slow)
    {
        var status = trial.Status ?? 0;
        var reason = ReasonPhrases.GetReasonPhrase(status) is { Length: > 0 } phrase ? " " + phrase : "";
        var server = string.IsNullOrWhiteSpace(trial.Server) ? "" : $", server {trial.Server}";
        var location = status is >= 300 and < 400 && trial.Location is { } to ? $", which leads to {to} (not followed)" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{status}{reason} over {Protocol(trial.Attempt.Protocol)}{server}{location}{(slow ? "; that is slow" : "")}");
    }

    private static string Protocol(string protocol) => protocol switch
    {
        "http/1.1" => "HTTP/1.1",
        "h2" or "http/2" or "h2c" => "HTTP/2",
        _ => protocol,
    };

    private static string CurlUrl(ExaminedDestination destination, Uri uri) =>
        destination.SocketPath is null ? uri.GetLeftPart(UriPartial.Path) : $"{uri.Scheme}://localhost{uri.AbsolutePath}";

    private static string CurlOptions(ExaminedDestination destination)
    {
        var options = destination is { UsesTls: true, Tls.Verify: false } ? " -k" : "";
        if (destination is { UsesTls: true, Tls.TrustedCaFile: { } roots }) options += " --cacert " + Shell.Word(roots);
        if (destination.HostField is { } host) options += " -H " + Shell.Word("Host: " + host);
        if (destination is { UsesTls: false, Version.Major: 2, VersionPolicy: HttpVersionPolicy.RequestVersionExact }) options += " --http2-prior-knowledge";
        return options;
    }

    private static IPEndPoint? EndOf(AttemptFacts attempt) => attempt.Address is { } text && IPEndPoint.TryParse(text, out var end) ? end : null;
}
