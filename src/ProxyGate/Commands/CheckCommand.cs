using System.CommandLine;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Output;

namespace ProxyGate.Commands;

/// <summary><c>proxygate check</c>: judges a configuration without running it.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var config = new Option<string?>("--config", "-c") { Description = "Configuration file; .json is the native format.", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON." };
        var schema = new Option<string?>("--write-schema")
        {
            Description = $"Write the JSON Schema of the configuration to FILE ({ConfigSchema.FileName} when left out).",
            HelpName = "FILE",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var hash = new Option<bool>("--hash-password") { Description = "Read a password, from the terminal or as one line of standard input, and print its hash for ProxyGate:Admin:Users." };
        var deep = new Option<bool>("--deep") { Description = "Look at every destination too: name, connection, TLS, HTTP, health, process." };
        var timeout = new Option<string?>("--timeout") { Description = $"With --deep: how long the look at one destination may take ({Durations.Write(DiagnoseCommand.UsualLook)} when left out).", HelpName = "DURATION" };
        var command = new Command("check", "Check a configuration: every mistake at once, with file, line and the nearest valid spelling.") { config, deep, timeout, json, schema, hash };
        command.Validators.Add(result =>
        {
            if (result.GetValue(hash))
            {
                if (result.GetValue(config) is not null || result.GetResult(schema) is not null || result.GetValue(json)) result.AddError("--hash-password stands alone.");
                return;
            }

            if (result.GetValue(config) is null && result.GetResult(schema) is null)
                result.AddError("Say what to check: --config FILE.");
            if (result.GetValue(deep) && result.GetValue(config) is null)
                result.AddError("--deep looks at the destinations of a configuration: give --config FILE.");
            if (DiagnoseCommand.MistakeOfTimeout(result.GetValue(timeout)) is { } mistake)
                result.AddError(mistake);
            else if (result.GetValue(timeout) is not null && !result.GetValue(deep))
                result.AddError("--timeout is for --deep.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var error = parsed.InvocationConfiguration.Error;
            if (parsed.GetValue(hash))
                return PasswordPrompt.Run(output, error);
            if (parsed.GetResult(schema) is not null)
                WriteSchema(parsed.GetValue(schema) ?? ConfigSchema.FileName, parsed.GetValue(config), parsed.GetValue(json) ? error : output);
            if (parsed.GetValue(config) is not { } file)
                return ExitCode.Fine;
            return parsed.GetValue(deep)
                ? await DeepCheck.RunAsync(file, parsed.GetValue(json), DiagnoseCommand.LimitOf(parsed.GetValue(timeout)), output, error, cancellationToken)
                : await CheckAsync(file, parsed.GetValue(json), output, error);
        });
        return command;
    }

    private static async Task<int> CheckAsync(string file, bool json, TextWriter output, TextWriter error)
    {
        if (GatewayStart.IsNginx(file))
        {
            await error.WriteLineAsync(GatewayStart.NginxNotYet(file));
            return ExitCode.CouldNotRun;
        }

        var result = await ConfigLoader.LoadAsync(file, EnvironmentOverrides.OfProcess());
        if (json)
            CheckOutput.WriteJson(output, file, result);
        if (result.Unreadable is { } unreadable)
        {
            await error.WriteLineAsync(unreadable);
            return ExitCode.CouldNotRun;
        }

        if (!json)
            CheckOutput.WriteText(output, error, file, result);
        return result.IsValid ? ExitCode.Fine : ExitCode.No;
    }

    private static void WriteSchema(string path, string? config, TextWriter output)
    {
        File.WriteAllText(path, ConfigSchema.Text);
        var from = config is null ? Environment.CurrentDirectory : Path.GetDirectoryName(Path.GetFullPath(config)) ?? "/";
        var relative = Path.GetRelativePath(from, Path.GetFullPath(path)).Replace('\\', '/');
        var name = relative.StartsWith('.') || Path.IsPathRooted(relative) ? relative : "./" + relative;
        output.WriteLine($"The JSON Schema is in {path}. This line at the top of the configuration makes editors use it:");
        output.WriteLine($"  \"$schema\": \"{name}\",");
    }
}
