namespace ProxyGate.Diagnostics.Explanation.Guides.Equivalents;

/// <summary>One message of another system, and the causes it is given for, the most usual first.</summary>
/// <param name="Message">As it is logged or shown; <c>…</c> stands for values.</param>
/// <param name="Difference">Where it means more or less than ours; empty where it means the same.</param>
/// <param name="Causes">Our ids.</param>
internal sealed record Saying(string Message, string Difference, params string[] Causes)
{
    public const string NoOwnMessage = "no own message";

    /// <summary>The system says nothing of its own for these; why, or what it does instead.</summary>
    public static Saying Nothing(string instead, params string[] causes) => new(NoOwnMessage, instead, causes);
}

/// <summary>All that one system says.</summary>
/// <param name="System">Its name as people write it.</param>
/// <param name="Sayings">A message that is ambiguous stands where its most usual meaning comes first.</param>
internal sealed record SystemSayings(string System, params Saying[] Sayings);
