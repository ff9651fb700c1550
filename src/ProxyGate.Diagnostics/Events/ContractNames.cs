using System.Text;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Diagnostics.Events;

/// <summary>The words the contract uses for enum values: lower case, snake_case. They are API.</summary>
public static class ContractNames
{
    private static readonly string[] Stages = Names<Stage>();
    private static readonly string[] Parties = Names<Party>();
    private static readonly string[] Confidences = Names<Confidence>();
    private static readonly string[] Ends = Names<AttemptEnd>();
    private static readonly string[] Phases = Names<TimeoutPhase>();
    private static readonly string[] Defects = Names<HeadDefect>();
    private static readonly string[] Problems = Names<CertificateProblem>();
    private static readonly string[] NoMore = Names<TriedNoMore>();
    private static readonly string[] Changes = Names<ChangeKind>();
    private static readonly string[] Outcomes = Names<NameOutcome>();
    private static readonly string[] Senders = Names<IcmpSender>();
    private static readonly string[] Likenesses = Names<ListenerLikeness>();

    private static readonly string[] Moments = Names<IncidentMoment>();

    public static string Of(TriedNoMore reason) => NoMore[(int)reason];

    public static string Of(IncidentMoment moment) => Moments[(int)moment];

    public static string Of(ListenerLikeness likeness) => Likenesses[(int)likeness];

    public static string Of(Stage stage) => Stages[(int)stage];

    public static string Of(Party party) => Parties[(int)party];

    public static string Of(Confidence confidence) => Confidences[(int)confidence];

    public static string Of(AttemptEnd end) => Ends[(int)end];

    public static string Of(TimeoutPhase phase) => Phases[(int)phase];

    public static string Of(HeadDefect defect) => Defects[(int)defect];

    public static string Of(CertificateProblem problem) => Problems[(int)problem];

    public static string Of(ChangeKind change) => Changes[(int)change];

    public static string Of(NameOutcome outcome) => Outcomes[(int)outcome];

    public static string Of(IcmpSender sender) => Senders[(int)sender];

    private static string[] Names<T>() where T : struct, Enum => [.. Enum.GetNames<T>().Select(SnakeCase)];

    private static string SnakeCase(string name)
    {
        var snake = new StringBuilder(name.Length + 4);
        foreach (var c in name)
        {
            if (char.IsUpper(c) && snake.Length > 0) snake.Append('_');
            snake.Append(char.ToLowerInvariant(c));
        }

        return snake.ToString();
    }
}
