"""rights: what each caller may do, as one rule over the roles of OCPI; nothing here is read from the hub's own rule.

Data of CPOs is sent to the other side and asked for by it, data of eMSPs the other way round; commands and charging
profiles go to CPOs (CMD-001, CHP-001). Everybody but a CPO stands on the eMSPs' side and meets CPOs alone (RTE-035,
RTE-036), but an eMSP and an SCSP meet as well, the eMSP in the place of a CPO (CHP-014)."""

DENIED, SUSPENDED, REFUSED, FORWARDED, SHARED, LISTED, EMPTY, LOCAL, BOUNDED = (
    "401", "403", "refused", "forwarded", "shared", "listed", "an empty list", "local", "bounded")


class Expected:
    """What becomes of a request, and at whom it may arrive. BOUNDED: it may be refused as well."""

    def __init__(self, kind, at=(), why=""):
        self.kind, self.at, self.why = kind, frozenset(at), why

    def __str__(self):
        return f"{self.kind}{' at ' + ', '.join(sorted(self.at)) if self.at else ''} ({self.why})"


def cpo_side_calls(route):
    return (route.owner == "CPO") == (route.interface == "RECEIVER")


def may_call(role, route):
    return (role == "CPO") == cpo_side_calls(route)


def may_forward(role, to, route):
    if cpo_side_calls(route):
        return (role == "CPO" and to != "CPO") or (role == "EMSP" and to == "SCSP" and route.owner != "EMSP")
    return role != "CPO" and (to == "CPO" or {role, to} == {"EMSP", "SCSP"})


def takes_shares(role, route):
    return (route.owner == "CPO") != (role == "CPO")


def is_write(route):
    return route.method != "GET"


def is_owned(route):
    """Is it for the owner alone, who stands in the URL or in the body?"""
    return "{cc}" in route.path or "body-owner" in route.flags


def expected(caller, route, owner, to, parties):
    """@caller: who asks, a party; @owner: whose object it is; @to: a party, an unusable one's state, or None."""
    if isinstance(to, str):
        return Expected(REFUSED, why=f"the receiver is {to}")
    if is_owned(route) and owner is not caller:
        return Expected(REFUSED, why="the object is somebody else's")
    if "token-of-sender" in route.flags and owner is not caller:
        return Expected(REFUSED, why="the token in the body is somebody else's")
    if to is caller:
        return listed(caller, route) if "list" in route.flags else Expected(REFUSED, why="to itself")
    if to is not None:
        if may_forward(caller.role, to.role, route):
            return Expected(FORWARDED, [str(to)], "these roles meet here")
        return Expected(REFUSED, why="these roles do not meet here")
    return without_receiver(caller, route, parties)


def listed(caller, route):
    if may_call(caller.role, route):
        return Expected(LISTED, why="a list of what one may see")
    return Expected(EMPTY, why="its role is shown nothing of this")


def without_receiver(caller, route, parties):
    reached = [str(party) for party in parties if party is not caller and may_forward(caller.role, party.role, route)]
    if "share" in route.flags:
        if not may_call(caller.role, route):
            return Expected(REFUSED, why="its role does not share this")
        takers = [str(party) for party in parties if party is not caller and takes_shares(party.role, route)]
        return Expected(SHARED, takers, "shared with everybody on the other side")
    if "list" in route.flags:
        return listed(caller, route)
    return Expected(BOUNDED if reached else REFUSED, reached, "led by its content, to whom its role meets")
