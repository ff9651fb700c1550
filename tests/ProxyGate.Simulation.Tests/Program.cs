using ProxyGate.Simulation.Apps;

return args is ["faulty-app", .. var arguments]
    ? await FaultyApp.RunAsync(arguments)
    : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
