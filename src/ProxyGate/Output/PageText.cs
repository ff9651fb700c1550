using System.Text;

namespace ProxyGate.Output;

/// <summary>A page of text for people: headings, paragraphs wrapped to the width, and commands, which are never broken so that they can be copied.</summary>
internal sealed class PageText(TextWriter output, int width, bool colour)
{
    private const int Narrowest = 40;
    private const int Widest = 100;

    private readonly int _width = Math.Clamp(width, Narrowest, Widest);

    /// <summary>For this output: colour and its true width on a terminal, neither when it goes to a file or another program.</summary>
    /// <param name="output">Where it ends up.</param>
    /// <param name="through">What it goes through on its way there.</param>
    public static PageText For(TextWriter output, TextWriter? through = null)
    {
        var terminal = IsTerminal(output);
        var width = terminal && Console.WindowWidth > 0 ? Console.WindowWidth - 1 : Widest;
        return new PageText(through ?? output, width, terminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")));
    }

    public static bool IsTerminal(TextWriter output) => ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;

    public void Title(string text) => output.WriteLine(Styled(text, "1;36"));

    public void Heading(string text)
    {
        output.WriteLine();
        output.WriteLine(Styled(text, "1"));
    }

    public void Blank() => output.WriteLine();

    /// <param name="text">What is wrapped.</param>
    /// <param name="lead">Stands before its first line; the others are indented as far.</param>
    /// <param name="indent">Spaces before all of it.</param>
    /// <param name="emphasis">Whether the lead stands out.</param>
    /// <param name="leadStyle">How the lead stands out: an SGR parameter (ECMA-48), e.g. <c>31</c> for red.</param>
    /// <param name="style">The same for the text.</param>
    public void Paragraph(string text, string lead = "", int indent = 2, bool emphasis = false, string leadStyle = "1", string? style = null)
    {
        var first = true;
        foreach (var line in Wrap(text, _width - indent - lead.Length))
        {
            output.Write(new string(' ', indent));
            output.Write(first ? emphasis ? Styled(lead, leadStyle) : lead : new string(' ', lead.Length));
            output.WriteLine(style is null ? line : Styled(line, style));
            first = false;
        }
    }

    /// <summary>A line that is never broken, so that it can be copied.</summary>
    public void Whole(string text, string lead, int indent, string style)
    {
        output.Write(new string(' ', indent));
        output.WriteLine(Styled(lead + text, style));
    }

    /// <summary>Shell lines; those that begin with # are steps for a person, and are wrapped.</summary>
    public void Commands(IReadOnlyList<string> lines, int indent = 4)
    {
        foreach (var line in lines)
        {
            if (line.StartsWith('#')) Paragraph(line[1..].TrimStart(), "# ", indent);
            else output.WriteLine(new string(' ', indent) + Styled(line, "32"));
        }
    }

    public static IEnumerable<string> Wrap(string text, int width)
    {
        width = Math.Max(width, 16);
        var line = new StringBuilder();
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line.ToString();
                line.Clear();
            }

            if (line.Length > 0) line.Append(' ');
            line.Append(word);
        }

        if (line.Length > 0) yield return line.ToString();
    }

    private string Styled(string text, string style) => colour && text.Length > 0 ? $"\u001b[{style}m{text}\u001b[0m" : text;
}
