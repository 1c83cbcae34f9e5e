"""malformed: requests that may be read in two ways, or in none: the traps of the parser below the hub, and of others.

A case is the pieces of one PUT, with one of them wrong. In them @LEN is the length of the body, @BODY the body, @SECOND
a whole second PUT; what hides the second one is "hidden", so that it is sent behind a proxy as well."""

import json

REFUSED = (400, 501)
SILENCE = 0  # closed without an answer, as the library does that finds no request at all


class Case:
    def __init__(self, name, line="PUT @TARGET HTTP/1.1", fields=("Host: @HOST", "@AUTH", "@TYPE", "Content-Length: @LEN"),
                 body="@BODY", statuses=REFUSED, hidden=False, end="\r\n", head=None):
        self.name, self.line, self.fields, self.body = name, line, fields, body
        self.statuses, self.hidden, self.end, self.head = statuses, hidden, end, head


FIELDS = HOST, AUTH, TYPE, LENGTH = Case("sound").fields
SOUND = Case("sound", fields=(HOST, AUTH, TYPE, LENGTH, "Connection: close"))
CHUNKED = "Transfer-Encoding: chunked"


class Maker:
    """The bytes of a case. Latin-1: each character of a case is one byte."""

    def __init__(self, authorization, port):
        self.auth = f"Authorization: {authorization}"
        self.host = f"127.0.0.1:{port}"

    def document(self, identity):
        return json.dumps({"country_code": "DE", "party_id": "CPO", "id": identity, "publish": True, "address": "a",
                           "city": "b", "country": "DEU", "coordinates": {"latitude": "1.00000", "longitude": "1.00000"},
                           "time_zone": "Europe/Berlin", "last_updated": "2026-01-01T00:00:00Z"}, separators=(",", ":"))

    def target(self, identity):
        return f"/ocpi/2.2.1/receiver/locations/DE/CPO/{identity}"

    def fill(self, text, first, body, second):
        for name, value in (("@TARGET", self.target(first)), ("@HOST", self.host), ("@AUTH", self.auth),
                            ("@TYPE", "Content-Type: application/json"), ("@LEN2", str(len(second))),
                            ("@SIZE2", f"{len(second):x}"), ("@LEN", str(len(body))), ("@SIZE", f"{len(body):x}"),
                            ("@BODY", body), ("@SECOND", second)):
            text = text.replace(name, value)
        return text

    def second(self, identity):
        body = self.document(identity)
        return (f"PUT {self.target(identity)} HTTP/1.1\r\nHost: {self.host}\r\n{self.auth}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}")

    def bytes(self, case, mark, alone):
        """What follows a request that hides none is a second one alone: behind a proxy it would be its client's right."""
        body, second = self.document(f"F{mark}"), self.second(f"S{mark}")
        head = case.head if case.head is not None else case.end.join((case.line, *case.fields)) + case.end * 2
        text = self.fill(head + case.body, f"F{mark}", body, second)
        if not case.hidden and alone:
            text += second
        return text.encode("latin-1")


def with_fields(name, *fields, **more):
    """A PUT with these instead of its length."""
    return Case(name, fields=(HOST, AUTH, TYPE, *fields), **more)


def lengths():
    """Two lengths, and lengths that are no numbers."""
    for first, second in (("@LEN", "0"), ("0", "@LEN"), ("@LEN", "@LEN"), ("@LEN2", "0"), ("0", "@LEN2")):
        yield with_fields(f"two lengths {first} {second}", f"Content-Length: {first}", f"Content-Length: {second}",
                          body="@SECOND" if "2" in first + second else "@BODY@SECOND", hidden=True)
        yield with_fields(f"two lengths {first} {second}, cases", f"content-length: {first}", f"CONTENT-LENGTH: {second}",
                          body="@SECOND" if "2" in first + second else "@BODY@SECOND", hidden=True)
    for value in ("@LEN, @LEN", "@LEN,@LEN", "@LEN, 0", "0, @LEN", "+@LEN", "-@LEN", "-1", "0x@SIZE", "@LEN.0", "@LEN 0", "@LENx",
                  "x@LEN", "", "@LEN;", "@LEN\t0", "1e2", "\x0b@LEN", "@LEN\x0b", "@LEN\x00", "\xb2", "@LEN,", ",@LEN", "'@LEN'",
                  '"@LEN"', "@LEN\xa0"):
        yield with_fields(f"length {value!r}", f"Content-Length: {value}", body="@BODY@SECOND", hidden=True)
    for value in ("99999999999999999999", "18446744073709551617", "9223372036854775808"):
        yield with_fields(f"length {value}", f"Content-Length: {value}", statuses=(400, 413))


def codings():
    """Transfer-Encoding beside a length, twice, of unknown kind, or hidden from some readers."""
    chunked = "0\r\n\r\n@SECOND"
    for name in ("chunked", "Chunked", "identity", "gzip, chunked", "xchunked", "chunked, identity", "\tchunked", " chunked"):
        yield with_fields(f"length, then {name!r}", LENGTH, f"Transfer-Encoding: {name}", body=chunked, hidden=True)
        yield with_fields(f"{name!r}, then length", f"Transfer-Encoding: {name}", LENGTH, body=chunked, hidden=True)
        yield with_fields(f"{name!r}, then length of all", f"Transfer-Encoding: {name}", "Content-Length: @LEN2", body="@SECOND",
                          hidden=True)
    for name in ("xchunked", "gzip", "deflate", "identity", "chunked, chunked", "gzip, chunked", "chunked, gzip", "chunked;q=1",
                 "chunk", "", "\x0bchunked", "chunked\x0b", "chunked\x00", "chunked,", ",chunked", "'chunked'", '"chunked"',
                 "chunked x", "x chunked", "cow", "identity, chunked", "\xa0chunked", "chunked\xa0", "chu\x00nked", "chunked\x0c"):
        yield with_fields(f"coding {name!r}", f"Transfer-Encoding: {name}", body=chunked, hidden=True)
    for first, second in (("chunked", "chunked"), ("chunked", "identity"), ("identity", "chunked"), ("chunked", "x"), ("x", "chunked")):
        yield with_fields(f"codings {first}, {second}", f"Transfer-Encoding: {first}", f"Transfer-Encoding: {second}",
                          body=chunked, hidden=True)
    yield Case("chunked in HTTP/1.0", line="PUT @TARGET HTTP/1.0", fields=(HOST, AUTH, TYPE, CHUNKED), body=chunked, hidden=True)
    yield Case("chunked and a length in HTTP/1.0", line="PUT @TARGET HTTP/1.0", fields=(HOST, AUTH, TYPE, CHUNKED, LENGTH),
               body=chunked, hidden=True)


NOT_TRIMMED = {"space": " ", "tab": "\t", "vertical tab": "\x0b", "NUL": "\0", "form feed": "\x0c", "DEL": "\x7f",
               "a byte above 127": "\xa0"}


def names():
    """Between a field's name and its colon, before the name, and names that are none."""
    fields = {"Content-Length": "@LEN", "Transfer-Encoding": "chunked", "Host": "@HOST", "Authorization": "x", "X-Any": "x"}
    for what, blank in NOT_TRIMMED.items():
        for name, value in fields.items():
            framing = name in ("Content-Length", "Transfer-Encoding")
            body = "0\r\n\r\n@SECOND" if name == "Transfer-Encoding" else "@BODY@SECOND" if framing else "@BODY"
            others = [one for one in FIELDS[:3 if name == "Content-Length" else 4] if not one.startswith(name + ":")]
            yield Case(f"{what} behind {name}", fields=(*others, f"{name}{blank}: {value}"), body=body, hidden=framing)
    for what, text in {"no colon": "X-Any", "no name": ": x", "a name in brackets": "(X): y", "a name with a slash": "X/Y: z",
                       "a name with a comma": "X,Y: z", "a quoted name": '"X": y', "a name with @": "X@Y: z",
                       "a name with CR": "X\rY: z", "a blank within a name": "X Y: z", "a name with [": "X[1]: z"}.items():
        yield Case(what, fields=(*FIELDS, text))
    for name in ("Content-Length: 0", CHUNKED):
        yield Case(f"{name} behind a CR within a value", fields=(*FIELDS, f"X: y\r{name}"), hidden=True,
                   body="@BODY@SECOND")


def ends():
    """Lines that end otherwise, or go on in the next one."""
    yield Case("every line ends in LF", end="\n")
    yield Case("every line ends in CR", end="\r", statuses=(400, 431))
    yield Case("every line ends in LF CR", end="\n\r", statuses=(400, 431))
    yield Case("every line ends in CR CR LF", end="\r\r\n")
    whole = "\r\n".join((SOUND.line, *FIELDS)) + "\r\n\r\n"
    for at in range(len(FIELDS) + 1):
        parts = whole.split("\r\n")
        yield Case(f"line {at} ends in LF", head="\r\n".join(parts[:at]) + "\r\n" * (at > 0) + parts[at] + "\n"
                   + "\r\n".join(parts[at + 1:]))
    yield Case("the head ends in LF LF", head=whole[:-4] + "\n\n")
    yield Case("the head ends in CR LF LF", head=whole[:-2] + "\n")
    for blank in (" ", "\t"):
        for name in ("Host: @HOST", AUTH, "X: y", "Content-Length: @LEN"):
            others = [field for field in FIELDS if field != name]
            yield Case(f"{name[:14]} goes on behind {blank!r}", fields=(*others, name, f"{blank}z"))
        yield Case(f"first field behind {blank!r}", fields=(f"{blank}X: y", *FIELDS))
        yield Case(f"a coding on the line that goes on behind {blank!r}", fields=(*FIELDS, "X: y", f"{blank}{CHUNKED}"),
                   body="0\r\n\r\n@SECOND", hidden=True)


def controls():
    """Each control character in a value, in a name, in the target."""
    for code in [*range(1, 9), *range(11, 13), *range(14, 32), 127, 0]:
        character = chr(code)
        yield Case(f"0x{code:02x} in a value", fields=(*FIELDS, f"X-Any: a{character}b"))
        yield Case(f"0x{code:02x} in a target", line=f"PUT @TARGET{character}x HTTP/1.1")
    for code in (0, 1, 8, 11, 31, 127, 128, 255):
        yield Case(f"0x{code:02x} in a name", fields=(*FIELDS, f"X{chr(code)}Y: z"))
        yield Case(f"0x{code:02x} in the method", line=f"PU{chr(code)}T @TARGET HTTP/1.1")
    yield Case("CR in a value", fields=(*FIELDS, "X-Any: a\rb"))
    yield Case("CR before the line's end", fields=(*FIELDS, "X-Any: a\r"))


def singles():
    """What may come only once, or must come."""
    yield Case("no Host", fields=FIELDS[1:])
    for first, second in (("@HOST", "@HOST"), ("@HOST", "evil"), ("evil", "@HOST")):
        yield Case(f"two Hosts {first}, {second}", fields=(f"Host: {first}", f"Host: {second}", *FIELDS[1:]))
    for second in ("@AUTH", "Authorization: Token eA==", "authorization: Token eA==", "Authorization:"):
        yield Case(f"two tokens, {second}", fields=(*FIELDS, second))
        yield Case(f"two tokens, {second} first", fields=(second, *FIELDS))
    for name in ("X-Request-ID", "X-Correlation-ID", "OCPI-to-party-id", "OCPI-from-party-id", "OCPI-to-country-code",
                 "OCPI-from-country-code"):
        yield Case(f"two of {name}", fields=(*FIELDS, f"{name}: a", f"{name}: b"))


def lines():
    """Request lines."""
    for what, line in {
            "two blanks before the target": "PUT  @TARGET HTTP/1.1", "two blanks behind the target": "PUT @TARGET  HTTP/1.1",
            "a blank in the target": "PUT @TARGET x HTTP/1.1", "a tab behind the method": "PUT\t@TARGET HTTP/1.1",
            "a tab behind the target": "PUT @TARGET\tHTTP/1.1", "a blank behind the version": "PUT @TARGET HTTP/1.1 ",
            "a blank before the method": " PUT @TARGET HTTP/1.1", "no target": "PUT HTTP/1.1", "no method": "@TARGET HTTP/1.1",
            "a relative target": "PUT ocpi/versions HTTP/1.1", "a target of another scheme": "PUT ftp://x/y HTTP/1.1",
            "an empty line's worth": "PUT", "a method in brackets": "(PUT) @TARGET HTTP/1.1",
            "a method with a colon": "PU:T @TARGET HTTP/1.1", "a method with a comma": "PU,T @TARGET HTTP/1.1",
            "a quoted method": '"PUT" @TARGET HTTP/1.1', "a method of 40 letters": "P" * 40 + " @TARGET HTTP/1.1",
            "a second version": "PUT @TARGET HTTP/1.1 HTTP/1.1", "a version in lower case": "PUT @TARGET http/1.1",
            "no slash in the version": "PUT @TARGET HTTP1.1", "a version of letters": "PUT @TARGET HTTP/a.b"}.items():
        yield Case(what, line=line, statuses=(400, 501, 505, SILENCE))
    for version in ("HTTP/1.2", "HTTP/1.9", "HTTP/2.0", "HTTP/3.0", "HTTP/0.9", "HTTP/1.1x", "HTTP/1.10", "HTTP/11", "HTTP/1", "HTTP/01.1",
                    "HTTP/1.01", "HTTP/1,1", "HTTP/ 1.1", "HTTPS/1.1", "ICY/1.1", "HTTP/1.1\x0b"):
        yield Case(f"version {version!r}", line=f"PUT @TARGET {version}", statuses=(400, 505))


def chunks():
    """Chunked bodies (fault H4: the first nine)."""
    whole = "@SIZE\r\n@BODY\r\n"
    framings = {
        "LF behind a size": "@SIZE\n@BODY\r\n0\r\n\r\n", "LF behind the data": "@SIZE\r\n@BODY\n0\r\n\r\n",
        "LF behind the last size": whole + "0\n\r\n", "LF behind a second size": whole + "4\nbody\r\n0\r\n\r\n",
        "NUL in an extension": "@SIZE;a\0b\r\n@BODY\r\n0\r\n\r\n", "CR in an extension": "@SIZE;a\rb\r\n@BODY\r\n0\r\n\r\n",
        "a length among the trailers": whole + "0\r\nContent-Length: 5\r\n\r\n",
        "a coding among the trailers": whole + "0\r\nTransfer-Encoding: chunked\r\n\r\n",
        "a token among the trailers": whole + "0\r\nAuthorization: Token x\r\n\r\n",
        "a Host among the trailers": whole + "0\r\nHost: x\r\n\r\n",
        "LF between trailers": whole + "0\r\nA: b\nC: d\r\n\r\n", "a control in a trailer": whole + "0\r\nA: \x01\r\n\r\n",
        "a trailer without colon": whole + "0\r\nA\r\n\r\n", "a blank before a trailer's colon": whole + "0\r\nA : b\r\n\r\n",
        "more data than its size": "@SIZE\r\n@BODYX\r\n0\r\n\r\n", "CR behind a size": "@SIZE\r@BODY\r\n0\r\n\r\n",
        "a blank before a size": " @SIZE\r\n@BODY\r\n0\r\n\r\n", "a line before a size": "\r\n@SIZE\r\n@BODY\r\n0\r\n\r\n",
        "a control in the last extension": whole + "0;\x01\r\n\r\n", "LF as all the end": whole + "0\n\n",
        "a size of 0x": "0x@SIZE\r\n@BODY\r\n0\r\n\r\n", "a size with plus": "+@SIZE\r\n@BODY\r\n0\r\n\r\n",
        "a negative size": "-1\r\n@BODY\r\n0\r\n\r\n", "no size": "\r\n\r\n0\r\n\r\n", "a size of g": "g\r\n@BODY\r\n0\r\n\r\n",
        "a size that overflows": "10000000000000000\r\n@BODY\r\n0\r\n\r\n",
        "a size that wraps": "1000000000000000@SIZE\r\n@BODY\r\n0\r\n\r\n",
        "a size of 20 digits": "FFFFFFFFFFFFFFFFFFFF\r\n@BODY\r\n0\r\n\r\n",
        "an underscore in a size": "1_0\r\n@BODY\r\n0\r\n\r\n", "a comma in a size": "@SIZE,0\r\n@BODY\r\n0\r\n\r\n",
        "a quote for a size": '"@SIZE"\r\n@BODY\r\n0\r\n\r\n', "a vertical tab behind a size": "@SIZE\x0b\r\n@BODY\r\n0\r\n\r\n",
        "NUL behind a size": "@SIZE\0\r\n@BODY\r\n0\r\n\r\n", "a folded trailer": whole + "0\r\nA: b\r\n c: d\r\n\r\n"}
    for what, body in framings.items():
        yield with_fields(what, CHUNKED, body=body + "@SECOND", hidden=True, statuses=(400, 413, 501))


def cases():
    return [case for family in (lengths, codings, names, ends, controls, singles, lines, chunks) for case in family()]
