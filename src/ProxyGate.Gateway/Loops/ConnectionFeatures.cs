using System.Collections;
using Microsoft.AspNetCore.Http.Features;

namespace ProxyGate.Gateway.Loops;

/// <summary>The features of a connection. There are a dozen, so a list is smaller than a dictionary, and as fast.</summary>
internal sealed class ConnectionFeatures : IFeatureCollection
{
    private KeyValuePair<Type, object>[] _features = new KeyValuePair<Type, object>[12];
    private int _count;

    public bool IsReadOnly => false;

    public int Revision { get; private set; }

    public object? this[Type key]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(key);
            foreach (ref readonly var feature in _features.AsSpan(0, _count))
            {
                if (feature.Key == key) return feature.Value;
            }

            return null;
        }

        set
        {
            ArgumentNullException.ThrowIfNull(key);
            Revision++;
            var at = Array.FindIndex(_features, 0, _count, f => f.Key == key);
            if (value is null)
            {
                if (at < 0) return;
                _features[at] = _features[--_count];
                _features[_count] = default;
                return;
            }

            if (at < 0)
            {
                if (_count == _features.Length) Array.Resize(ref _features, _count * 2);
                at = _count++;
            }

            _features[at] = new KeyValuePair<Type, object>(key, value);
        }
    }

    public TFeature? Get<TFeature>() => (TFeature?)this[typeof(TFeature)];

    public void Set<TFeature>(TFeature? instance) => this[typeof(TFeature)] = instance;

    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator() => _features.Take(_count).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
