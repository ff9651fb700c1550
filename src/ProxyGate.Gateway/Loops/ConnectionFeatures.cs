using System.Collections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace ProxyGate.Gateway.Loops;

/// <summary>
/// The features of a connection: those that it is itself, and about half a dozen others that the server and the listener add, for which a list is smaller
/// than a dictionary, and as fast.
/// </summary>
/// <param name="own">The connection.</param>
internal sealed class ConnectionFeatures(object own) : IFeatureCollection
{
    /// <summary>So many others there are without TLS.</summary>
    private const int Usual = 6;

    private static readonly Type[] s_own =
    [
        typeof(IConnectionIdFeature), typeof(IConnectionTransportFeature), typeof(IConnectionItemsFeature), typeof(IConnectionLifetimeFeature),
        typeof(IConnectionEndPointFeature), typeof(IConnectionSocketFeature), typeof(IMemoryPoolFeature),
    ];

    private KeyValuePair<Type, object?>[] _others = new KeyValuePair<Type, object?>[Usual];
    private int _count;

    public bool IsReadOnly => false;

    public int Revision { get; private set; }

    public object? this[Type key]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(key);
            foreach (ref readonly var feature in _others.AsSpan(0, _count))
            {
                if (feature.Key == key) return feature.Value;
            }

            return Array.IndexOf(s_own, key) >= 0 ? own : null;
        }

        set
        {
            ArgumentNullException.ThrowIfNull(key);
            Revision++;
            var at = Array.FindIndex(_others, 0, _count, f => f.Key == key);
            if (at < 0)
            {
                if (_count == _others.Length) Array.Resize(ref _others, _count * 2);
                at = _count++;
            }

            // Also nothing is something where it takes the place of the connection's own.
            _others[at] = new KeyValuePair<Type, object?>(key, value);
        }
    }

    public TFeature? Get<TFeature>() => (TFeature?)this[typeof(TFeature)];

    public void Set<TFeature>(TFeature? instance) => this[typeof(TFeature)] = instance;

    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator()
    {
        foreach (var (key, value) in _others.Take(_count))
        {
            if (value is not null) yield return new KeyValuePair<Type, object>(key, value);
        }

        foreach (var key in s_own)
        {
            if (!Array.Exists(_others, f => f.Key == key)) yield return new KeyValuePair<Type, object>(key, own);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
