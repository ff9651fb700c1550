namespace ProxyGate.Gateway.Dashboard.Views;

/// <summary>What stands around every screen. Views are public because parameters of components have to be.</summary>
/// <param name="Path">The path asked for: where in the dashboard one is.</param>
/// <param name="State">starting, ready or draining.</param>
/// <param name="Now">The moment the screen was made; all relative times count from it.</param>
/// <param name="User">Who is signed in; absent where no sign-in is configured.</param>
public sealed record FrameView(string Path, string State, DateTimeOffset Now, string? User);
