using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

// All of them, in some twenty minutes:       dotnet run -c Release --project tests/ProxyGate.Benchmarks -- --filter '*'
// All of them, roughly, in a minute or two:  dotnet run -c Release --project tests/ProxyGate.Benchmarks -- --quick --filter '*'
// Allocations are exact in both; times of the second are good for what differs by a half.
var quick = args.Contains("--quick");
var job = Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance).WithIterationTime(TimeInterval.FromMilliseconds(100)).WithWarmupCount(3).WithIterationCount(3);
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run([.. args.Where(a => a != "--quick")], quick ? DefaultConfig.Instance.AddJob(job) : null);
