#!/usr/bin/env python3
"""Makes the order of methods for the ahead-of-time compiler of the samples of order.sh: those that were seen, by name."""
import collections, re, sys

# A method that was compiled of managed code; what else the program consists of has a place of its own.
MANAGED = re.compile(r"[A-Za-z<].*__")

seen = collections.Counter()
for line in sys.stdin:
    m = re.match(r"\s*[0-9a-f]+ (.+) \(.*/proxygate\)$", line)
    if m and MANAGED.match(m[1]):
        seen[m[1]] += 1
if not seen:
    sys.exit("no samples with names")
with open(sys.argv[1], "w") as f:
    f.writelines(f"{name}\n" for name in sorted(seen))
print(f"{len(seen)} methods, seen {sum(seen.values())} times")
