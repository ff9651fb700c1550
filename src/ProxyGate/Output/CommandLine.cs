using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using ProxyGate.Commands;
using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Output;

/// <summary>Runs the command a person named, or says in a line or two what was wrong with the command line.</summary>
internal static class CommandLine
{
    /// <summary>The gateway lets requests end by itself when it is told to stop; it is not cut short from here.</summary>
    private static readonly InvocationConfiguration Configuration = new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };

    public static async Task<int> RunAsync(RootCommand root, string[] args, TextWriter? output = null, TextWriter? error = null)
    {
        output ??= Console.Out;
        error ??= Console.Error;
        CheckOnlyWhatIsThere(root);
        var parsed = root.Parse(args.Length == 0 ? ["--help"] : args);
        if (parsed.Errors.Count > 0 && parsed.Action is ParseErrorAction)
        {
            foreach (var line in Lines(parsed))
                await error.WriteLineAsync(line);
            return ExitCode.WrongUsage;
        }

        var configuration = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = Configuration.EnableDefaultExceptionHandler,
            ProcessTerminationTimeout = Configuration.ProcessTerminationTimeout,
            Output = output,
            Error = error,
        };
        try
        {
            var code = await parsed.InvokeAsync(configuration);
            return args.Length == 0 ? ExitCode.WrongUsage : code;
        }
        catch (GatewayStartException e)
        {
            foreach (var line in e.Lines)
                await error.WriteLineAsync(line);
            return e.ExitCode;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync("proxygate: " + e.Message);
            return ExitCode.CouldNotRun;
        }
    }

    /// <summary>The commands' own checks ask for values. Where an option has none the library says so itself, and to ask for it would end the program.</summary>
    private static void CheckOnlyWhatIsThere(Command command)
    {
        for (var i = 0; i < command.Validators.Count; i++)
        {
            var check = command.Validators[i];
            command.Validators[i] = result =>
            {
                if (!result.Children.OfType<OptionResult>().Any(LacksValue)) check(result);
            };
        }

        foreach (var subcommand in command.Subcommands) CheckOnlyWhatIsThere(subcommand);
    }

    private static bool LacksValue(OptionResult given) => !given.Implicit && given.Tokens.Count < given.Option.Arity.MinimumNumberOfValues;

    private static IEnumerable<string> Lines(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var words = command.Subcommands.Select(c => c.Name)
            .Concat(command.Options.Concat(parsed.RootCommandResult.Command.Options.Where(o => o.Recursive)).Where(o => !o.Hidden).Select(o => o.Name))
            .Where(n => !n.StartsWith('-') || n.StartsWith("--", StringComparison.Ordinal))
            .ToList();
        if (parsed.UnmatchedTokens.Count == 0)
        {
            foreach (var message in parsed.Errors.Select(e => e.Message).Distinct())
                yield return "proxygate: " + message.TrimEnd('.');
        }

        foreach (var token in parsed.UnmatchedTokens)
        {
            var near = Spelling.Nearest(token, words);
            yield return $"proxygate: \"{token}\" is not known{(command is RootCommand ? "" : $" to {command.Name}")}" + (near is null ? "" : $" (did you mean {near}?)");
        }

        var path = command is RootCommand ? "proxygate" : "proxygate " + command.Name;
        yield return $"See {path} --help.";
    }
}
