using BenchmarkDotNet.Running;

// All of them: dotnet run -c Release --project tests/ProxyGate.Benchmarks -- --filter '*' --job short
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
