using System.Text;
using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Commands;

/// <summary><c>proxygate check --hash-password</c>: makes the hash of a password that is typed, or piped in as one line.</summary>
internal static class PasswordPrompt
{
    private const int Shortest = 8;

    public static int Run(TextWriter output, TextWriter error)
    {
        var password = Console.IsInputRedirected ? Console.In.ReadLine() ?? "" : Ask("Password: ", error);
        if (!Console.IsInputRedirected && Ask("Once more: ", error) != password)
        {
            error.WriteLine("proxygate: the two are not the same.");
            return ExitCode.No;
        }

        if (password.Length is < Shortest or > PasswordHash.LongestPassword)
        {
            error.WriteLine($"proxygate: a password has from {Shortest} to {PasswordHash.LongestPassword} characters.");
            return ExitCode.No;
        }

        output.WriteLine(PasswordHash.Of(password));
        return ExitCode.Fine;
    }

    /// <summary>What is typed is not shown, and stands in no history.</summary>
    private static string Ask(string question, TextWriter error)
    {
        error.Write(question);
        var typed = new StringBuilder();
        while (true)
        {
            var key = Console.ReadKey(intercept: true);
            if (key.Key == ConsoleKey.Enter) break;
            if (key.Key == ConsoleKey.Backspace) typed.Length = Math.Max(0, typed.Length - 1);
            else if (!char.IsControl(key.KeyChar)) typed.Append(key.KeyChar);
        }

        error.WriteLine();
        return typed.ToString();
    }
}
