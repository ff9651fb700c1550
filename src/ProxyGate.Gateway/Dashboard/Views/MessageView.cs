namespace ProxyGate.Gateway.Dashboard.Views;

/// <summary>A screen that only says something.</summary>
/// <param name="Title">In short.</param>
/// <param name="Text">What there is to know.</param>
/// <param name="Link">Where to go from here.</param>
/// <param name="LinkText">The link's words.</param>
/// <param name="Bare">For who is not signed in.</param>
/// <param name="GoesOn">The link is followed at once.</param>
public sealed record MessageView(string Title, string Text, string? Link = null, string LinkText = "", bool Bare = false, bool GoesOn = false);
