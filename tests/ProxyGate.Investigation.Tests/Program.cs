using ProxyGate.Investigation.Tests.Probing.Network;

return args is ["probe", ..]
    ? await ProbeChild.RunAsync()
    : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
