"""spellings: how one may write an address that the hub must not call; see docs on SSRF in trust.md of the requirements.

"{port}" is where the canary listens. Names end in .test and are answered by the judge's own resolver: zone() says how."""

import ipaddress

ADDRESSES = ("127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.254", "100.64.0.1", "100.127.255.254",
             "100.100.100.200", "169.254.169.254", "169.254.1.1", "172.16.0.1", "172.31.255.254", "192.0.0.1", "192.0.0.170",
             "192.0.2.1", "192.88.99.1", "192.168.0.1", "192.168.255.254", "198.18.0.1", "198.19.255.254", "198.51.100.1",
             "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "168.63.129.16")
IPV6 = ("::", "::1", "fe80::1", "fe80::1%25lo", "fe80::1%lo", "fc00::1", "fd00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "3fff::1",
        "100::1", "2001:10::1", "2001:20::1", "2001:2::1", "5f00::1", "fec0::1", "64:ff9b:1::1", "0:0:0:0:0:0:0:1", "0000::0001",
        "4000::1", "1::1")
WRITTEN = ("127.0.0.1", "169.254.169.254", "10.0.0.1")


def octets(address):
    return [int(part) for part in address.split(".")]


def forms(address):
    """One IPv4 address, written as some library or other reads it."""
    a, b, c, d = octets(address)
    value = int(ipaddress.ip_address(address))
    yield from (f"{value}", f"0x{value:x}", f"0X{value:08X}", f"0{value:o}", f"0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}",
                f"0{a:o}.0{b:o}.0{c:o}.0{d:o}", f"{a}.{b * 65536 + c * 256 + d}", f"{a}.{b}.{c * 256 + d}", f"0x{a:x}.{b}.{c}.{d}",
                f"{a}.{b}.{c}.{d}.", f"00000{a:o}.{b}.{c}.{d}", f"{a:03}.{b:03}.{c:03}.{d:03}", f"{value + 2**32}",
                f"{a + 256}.{b}.{c}.{d}", f"{a}%2e{b}%2e{c}%2e{d}", f"{a}\u3002{b}\u3002{c}\u3002{d}",
                "".join(chr(0xff10 + int(one)) if one.isdigit() else one for one in address))
    high, low = f"{a * 256 + b:x}", f"{c * 256 + d:x}"
    yield from (f"[::ffff:{address}]", f"[::ffff:{high}:{low}]", f"[::{address}]", f"[::ffff:0:{high}:{low}]", f"[64:ff9b::{high}:{low}]",
                f"[2002:{high}:{low}::1]", f"[2001:0:{high}:{low}::1]", f"[2001:0:5db8:d822::{a ^ 255:x}{b ^ 255:02x}:{c ^ 255:x}{d ^ 255:02x}]",
                f"[0:0:0:0:0:ffff:{high}:{low}]")


def names():
    return ([f"a{number}.test" for number in range(len(ADDRESSES))] + [f"b{number}.test" for number in range(len(IPV6) - 5)]
            + ["mixed1.test", "mixed2.test", "mixed6.test", "alias.test", "localhost", "LOCALHOST", "localhost.", "foo.localhost",
               "ip6-localhost", "localhost.localdomain", "a0.test.", "A0.TEST"])


def zone(name, public4):
    """Addresses of a name, in the order of the answer; None: there is no such name."""
    name = name.lower().rstrip(".")
    if name in ("localhost", "foo.localhost", "localhost.localdomain", "ip6-localhost", "alias.test"):
        return ["127.0.0.1", "::1"]
    fixed = {"mixed1.test": [public4, "127.0.0.1"], "mixed2.test": ["10.0.0.1", public4], "mixed6.test": [public4, "::1"],
             "good.test": [public4]}
    if name in fixed:
        return fixed[name]
    kind, _, rest = name.partition(".")
    if rest == "test" and kind[:1] in "ab" and kind[1:].isdigit():
        known = ADDRESSES if kind[0] == "a" else [one for one in IPV6 if "%" not in one]
        return [known[int(kind[1:])]] if int(kind[1:]) < len(known) else None
    return None


def strange(public):
    """URLs of which parts of a program may read one host and parts another."""
    yield from (f"http://{public}@127.0.0.1:{{port}}", f"http://{public}:{{port}}@127.0.0.1:{{port}}", f"http://user:pass@10.0.0.1:{{port}}",
                f"http://{public}\\@127.0.0.1:{{port}}", f"http://127.0.0.1:{{port}}\\@{public}", f"http://127.0.0.1:{{port}}#@{public}",
                f"http://127.0.0.1:{{port}}?@{public}", "http:/127.0.0.1:{port}", "http:///127.0.0.1:{port}", "//127.0.0.1:{port}",
                "http:127.0.0.1:{port}", "http:\\\\127.0.0.1:{port}", "http://127.0.0.1\t:{port}", "http://127.0.\n0.1:{port}",
                "http://\t127.0.0.1:{port}", " http://127.0.0.1:{port}", "HTTP://127.0.0.1:{port}", "hTTp://10.0.0.1:{port}",
                "http://127.0.0.1:0{port}", "http://127.0.0.1:{port}:80", "http://[::1", "http://[::1]{port}", "http://[[::1]]:{port}",
                "http://[127.0.0.1]:{port}", "http://127.0.0.1", "http://[::1]", "https://127.0.0.1", "https://127.0.0.1:{port}",
                "http://0", "http://0:{port}", "file:///etc/passwd", "gopher://127.0.0.1:{port}/_x", "dict://127.0.0.1:{port}/x",
                "ftp://127.0.0.1:{port}/", "ldap://127.0.0.1:{port}/", "tftp://127.0.0.1:{port}/", "smb://127.0.0.1:{port}/",
                "ws://127.0.0.1:{port}/", "data:text/plain,x", "javascript:x", "unix:/tmp/x", "netdoc:///etc/passwd", "url:http://127.0.0.1:{port}",
                f"http://{public}%00.127.0.0.1:{{port}}", f"http://127.0.0.1%00.{public}:{{port}}", "http://127.0.0.1%2f:{port}",
                "http://%31%32%37.0.0.1:{port}", f"http://{public}%40127.0.0.1:{{port}}", "http://127.0.0.1;{port}", "http://\u2460\u2461\u2466.0.0.1:{port}",
                "http://\uff4c\uff4f\uff43\uff41\uff4c\uff48\uff4f\uff53\uff54:{port}", "http://local\u00adhost:{port}", "http://127.1:{port}", "http://127.0.1:{port}")


def urls(port, public, hub):
    """All of them; @hub: its own URL."""
    hosts = [*ADDRESSES, *(f"[{one}]" for one in IPV6), *(form for address in WRITTEN for form in forms(address)), *names()]
    found = [f"http://{host}:{port}" for host in hosts] + [one.replace("{port}", str(port)) for one in strange(public)]
    return list(dict.fromkeys([*found, hub, hub + "/ocpi"]))
