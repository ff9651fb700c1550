using System.Buffers.Binary;
using System.Net;

namespace ProxyGate.Investigation.Probing.Sockets;

/// <summary>Routing questions and answers in the kernel's own form (rtnetlink(7)). Pure; reading takes any bytes.</summary>
internal static class RouteMessages
{
    public const int Longest = 32 * 1024;
    private const ushort ErrorMessage = 2, DoneMessage = 3, NewRoute = 24, GetRoute = 26, NewNeighbour = 28, GetNeighbour = 30;
    private const ushort Request = 1, Dump = 0x300;
    private const int HeaderLength = 16, BodyLength = 12, AttributeHeader = 4;
    private const ushort Destination = 1, OutInterface = 4, Gateway = 5, Source = 7, Via = 18;
    private const byte LocalRoute = 2;

    public static byte[] RouteQuestion(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        var scoped = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 && address.ScopeId != 0;
        var message = new byte[HeaderLength + BodyLength + AttributeHeader + bytes.Length + (scoped ? 8 : 0)];
        Head(message, GetRoute, Request);
        message[HeaderLength] = (byte)KernelAddress.Family(address);
        message[HeaderLength + 1] = (byte)(bytes.Length * 8);
        var at = HeaderLength + BodyLength;
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(at), (ushort)(AttributeHeader + bytes.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(at + 2), Destination);
        bytes.CopyTo(message.AsSpan(at + AttributeHeader));
        if (!scoped) return message;
        at += AttributeHeader + bytes.Length;
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(at), 8);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(at + 2), OutInterface);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(at + 4), (uint)address.ScopeId);
        return message;
    }

    /// <summary>All neighbours of a family.</summary>
    public static byte[] NeighboursQuestion(int family)
    {
        var message = new byte[HeaderLength + BodyLength];
        Head(message, GetNeighbour, Request | Dump);
        message[HeaderLength] = (byte)family;
        return message;
    }

    /// <summary>The route of an answer; absent when there is none in it.</summary>
    public static KernelRoute? ReadRoute(ReadOnlySpan<byte> answer)
    {
        while (TryNext(ref answer, out var type, out var body))
        {
            if (type == ErrorMessage && body.Length >= 4) return new KernelRoute(-BinaryPrimitives.ReadInt32LittleEndian(body), false, 0, null, null);
            if (type != NewRoute || body.Length < BodyLength) continue;
            IPAddress? gateway = null, source = null;
            uint device = 0;
            var attributes = body[BodyLength..];
            while (TryAttribute(ref attributes, out var attribute, out var value))
            {
                switch (attribute)
                {
                    case OutInterface when value.Length == 4: device = BinaryPrimitives.ReadUInt32LittleEndian(value); break;
                    case Gateway when value.Length is 4 or 16: gateway = new IPAddress(value); break;
                    case Via when value.Length is 6 or 18: gateway = new IPAddress(value[2..]); break;
                    case Source when value.Length is 4 or 16: source = new IPAddress(value); break;
                }
            }

            return new KernelRoute(0, body[7] == LocalRoute, device, gateway, source);
        }

        return null;
    }

    /// <summary>Adds the neighbours of one piece of an answer; true when it is the last piece.</summary>
    public static bool ReadNeighbours(ReadOnlySpan<byte> answer, List<KernelNeighbour> into)
    {
        while (TryNext(ref answer, out var type, out var body))
        {
            if (type is DoneMessage or ErrorMessage) return true;
            if (type != NewNeighbour || body.Length < BodyLength) continue;
            var device = BinaryPrimitives.ReadUInt32LittleEndian(body[4..]);
            var state = BinaryPrimitives.ReadUInt16LittleEndian(body[8..]);
            var attributes = body[BodyLength..];
            while (TryAttribute(ref attributes, out var attribute, out var value))
            {
                if (attribute == Destination && value.Length is 4 or 16) into.Add(new KernelNeighbour(new IPAddress(value), device, state));
            }
        }

        return false;
    }

    private static void Head(Span<byte> message, ushort type, ushort flags)
    {
        BinaryPrimitives.WriteInt32LittleEndian(message, message.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(message[4..], type);
        BinaryPrimitives.WriteUInt16LittleEndian(message[6..], flags);
        BinaryPrimitives.WriteUInt32LittleEndian(message[8..], 1);
    }

    private static bool TryNext(ref ReadOnlySpan<byte> rest, out ushort type, out ReadOnlySpan<byte> body)
    {
        type = 0;
        body = default;
        if (rest.Length < HeaderLength) return false;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(rest);
        if (length < HeaderLength || length > rest.Length) return false;
        type = BinaryPrimitives.ReadUInt16LittleEndian(rest[4..]);
        body = rest[HeaderLength..(int)length];
        rest = rest[(int)Math.Min((length + 3) & ~3u, (uint)rest.Length)..];
        return true;
    }

    private static bool TryAttribute(ref ReadOnlySpan<byte> rest, out ushort type, out ReadOnlySpan<byte> value)
    {
        type = 0;
        value = default;
        if (rest.Length < AttributeHeader) return false;
        var length = BinaryPrimitives.ReadUInt16LittleEndian(rest);
        if (length < AttributeHeader || length > rest.Length) return false;
        // The two upper bits are flags.
        type = (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(rest[2..]) & 0x3FFF);
        value = rest[AttributeHeader..length];
        rest = rest[Math.Min((length + 3) & ~3, rest.Length)..];
        return true;
    }
}

/// <summary>What the kernel's routing says of an address.</summary>
/// <param name="Errno">0, or why there is no way: see <see cref="ProxyGate.Diagnostics.Investigations.PathFacts.RouteErrno"/>.</param>
/// <param name="Local">Whether the address is this machine's own.</param>
/// <param name="Device">The index of the interface.</param>
/// <param name="Gateway">The next router; absent on the same link.</param>
/// <param name="Source">The source address used.</param>
internal sealed record KernelRoute(int Errno, bool Local, uint Device, IPAddress? Gateway, IPAddress? Source);

/// <summary>One entry of the neighbour table (ARP, IPv6 neighbour discovery).</summary>
internal sealed record KernelNeighbour(IPAddress Address, uint Device, int State)
{
    /// <summary>As <c>ip neigh</c> writes it.</summary>
    public string Name => State switch
    {
        _ when (State & 0x01) != 0 => "INCOMPLETE",
        _ when (State & 0x02) != 0 => "REACHABLE",
        _ when (State & 0x04) != 0 => "STALE",
        _ when (State & 0x08) != 0 => "DELAY",
        _ when (State & 0x10) != 0 => "PROBE",
        _ when (State & 0x20) != 0 => "FAILED",
        _ when (State & 0x40) != 0 => "NOARP",
        _ when (State & 0x80) != 0 => "PERMANENT",
        _ => "NONE",
    };
}
