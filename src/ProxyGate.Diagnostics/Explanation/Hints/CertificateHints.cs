using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;
using static ProxyGate.Diagnostics.Explanation.Hints.HintRules;

namespace ProxyGate.Diagnostics.Explanation.Hints;

/// <summary>Root causes that show in the app's certificate.</summary>
internal static class CertificateHints
{
    /// <summary>A certificate that begins so soon was more likely made just now, by a clock that is ahead, than put in place too early.</summary>
    private static readonly TimeSpan ClockDifference = TimeSpan.FromHours(24);

    public static IEnumerable<Hint> Of(Seen s)
    {
        if (s.Tls is not { Certificate: { } c, Problems: { Count: > 0 } problems }) yield break;
        var evidence = $"Subject {Seen.Short(c.Subject)}, issuer {Seen.Short(c.Issuer)}, valid {Amounts.Moment(c.NotBefore)} to {Amounts.Moment(c.NotAfter)}, {Amounts.Count(c.ChainLength, "certificate", "certificates")} sent";
        if (problems.Contains(CertificateProblem.Expired))
        {
            yield return Hint(
                s,
                "cert_expired_internal",
                Confidence.Proved,
                $"The certificate of {s.Where} ended on {Amounts.Moment(c.NotAfter)} and was not renewed, or the renewed one was not loaded.",
                evidence);
        }

        if (problems.Contains(CertificateProblem.NotYetValid) && s.Context?.Now is { } now)
        {
            var ahead = c.NotBefore - now;
            yield return ahead < ClockDifference
                ? Hint(s, "clock_wrong", Confidence.Likely, "The clock of this machine is behind, or that of the machine that made the certificate was ahead.", $"By this machine's clock the certificate begins in {Amounts.Time(ahead.TotalMilliseconds)}", evidence)
                : Hint(s, "cert_too_new", Confidence.Possible, "The certificate was put in place before its first day.", $"By this machine's clock the certificate begins in {Amounts.Count((long)ahead.TotalDays, "day", "days")}", evidence);
        }

        if (problems.Contains(CertificateProblem.SelfSigned))
        {
            yield return Hint(
                s,
                "self_signed",
                Confidence.Proved,
                problems.Contains(CertificateProblem.NameMismatch)
                    ? $"The certificate of {s.Where} is signed by itself, and is not for the name ProxyGate asks for. Both must be mended."
                    : $"The certificate of {s.Where} is signed by itself. That is usual for a test set-up; ProxyGate must be told to trust it.",
                evidence);
        }

        if (problems.Contains(CertificateProblem.MissingIntermediate))
        {
            yield return Hint(
                s,
                "missing_intermediate",
                Confidence.Likely,
                $"{s.Where} sends its own certificate only, without the one in between that links it to a trusted issuer. Browsers often hide this mistake.",
                evidence);
        }

        if (problems.Contains(CertificateProblem.UntrustedRoot) || problems.Contains(CertificateProblem.UnknownIssuer))
        {
            yield return Hint(
                s,
                "private_ca",
                Confidence.Possible,
                $"The issuer \"{Seen.Short(c.Issuer)}\" may be your own or your company's, and this machine has not been told to trust it.",
                evidence);
        }

        if (problems.Contains(CertificateProblem.Revoked))
        {
            yield return Hint(s, "cert_withdrawn", Confidence.Proved, $"The issuer has withdrawn the certificate of {s.Where}.", evidence);
        }
    }
}
