namespace ProxyGate.Gateway.Dashboard.Views;

/// <summary>The form to sign in.</summary>
/// <param name="ByPassword">Whether anybody has a password.</param>
/// <param name="Provider">The provider's host; absent where none is configured.</param>
/// <param name="To">Where to go then.</param>
/// <param name="ProviderLink">Begins signing in by the provider.</param>
/// <param name="Wrong">Why the last attempt failed.</param>
public sealed record SignInView(bool ByPassword, string? Provider, string To, string ProviderLink, string? Wrong);
