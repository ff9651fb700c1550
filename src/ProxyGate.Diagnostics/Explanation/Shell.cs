using System.Text.RegularExpressions;
using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Diagnostics.Explanation;

/// <summary>Values in shell lines that a person copies. Whatever the value, it stays one word of its line.</summary>
public static partial class Shell
{
    private const int MaxWord = 256;

    /// <summary>
    /// The value as one POSIX shell word. Control and hidden characters are first made visible: a command that cannot be read must not be
    /// pasted. Where the value stands alone and could be taken for an option, use <see cref="Operand"/>.
    /// </summary>
    public static string Word(string value)
    {
        var line = HostileText.Line(value, MaxWord);
        return Plain().IsMatch(line) ? line : "'" + line.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
    }

    /// <summary>The value as a word that no program can take for an option, for where it stands alone.</summary>
    public static string Operand(string value) => value.StartsWith('-') ? "-- " + Word(value) : Word(value);

    /// <summary>
    /// A step that says what the next line changes on the system, e.g. <c># This restarts the app:</c>. Every command that changes something
    /// stands directly behind one; a test holds all of them to it.
    /// </summary>
    public static string Change(string what) => Step("This " + what.TrimEnd(':') + ":");

    /// <summary>A step for a person: a comment to the shell, so that a whole block can be pasted.</summary>
    public static string Step(string text) => "# " + HostileText.Line(text, 512);

    [GeneratedRegex(@"^[A-Za-z0-9_./:@%+,][A-Za-z0-9_./:@%+,=-]*$", RegexOptions.CultureInvariant)]
    private static partial Regex Plain();
}
