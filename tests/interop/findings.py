"""findings: what a look at each peer, at its source and at the bytes, said of what `party check` told of it."""

FASTAPI = ("extrawest", "py-ocpi")

# (peers, rungs, what was seen); no peer: each of them
SEEN = (
    ((), ("https",), "true, and the doing of `run.py`: it is served by http here"),
    (("ocpi-kit",), ("slash",), "true: its router knows the paths without a slash alone"),
    (("ocpi-kit",), ("routing-headers",), "true: its server reads them (`server/extract.rs`), and answers with the two ids alone"),
    (("ocpi-kit",), ("modules",), "true, and said by its documentation: the mock has no commands"),
    (("ocpi-kit",), ("owner",), "true: the one token of its mock is DE*TNM of `testkit/sample.rs`, and the mock is DE*ABC"),
    (FASTAPI, ("request-id", "correlation-id", "routing-headers"), "true: nothing in the package knows such a header"),
    (FASTAPI, ("slash",), "true: `redirect_slashes` of FastAPI, a 307"),
    (FASTAPI, ("modules",), "true: `core/endpoints` lists commands for eMSPs alone, the route is there"),
    (FASTAPI, ("link-last",), "true: `get_list()` in `core/utils.py` sets `Link` to an empty text"),
    (FASTAPI, ("object",), "true: `data=[…]` in each handler of one object"),
    (("extrawest",), ("link-host",), "true: `get_list()` writes `https://` whatever is served"),
    (("extrawest",), ("fields",), "true: `CdrLocation` in `modules/cdrs/v_2_2_1/schemas.py` has no `evse_uid` and drops the one that is there; "
     "the cure lets its CDRs pass"),
    (("extrawest",), ("refusal",), "true: 401, 403 and 404 are `{\"detail\": …}`, see `main.py`"),
    (("py-ocpi",), ("status",), "true: `Price` demands `incl_vat`; the hub's demand is OCPI's"),
    (("py-ocpi",), ("unknown-token",), "true: `modules/versions/api` answers versions to everybody, without Authorization, too"),
    (("py-ocpi",), ("next-page",), "true: `get_list()` prints two enumerations by their names"),
    (("py-ocpi",), ("fields",), "true: `DateTime` is `str(datetime)`, a space instead of `T`"),
    (("py-ocpi",), ("redirect",), "true: `core/endpoints.py` lists without a slash, the routes end in one; the cures spare the 307"),
    (("py-ocpi",), ("refusal",), "true: 404 of the router, and 500 as plain text"),
    (("py-ocpi",), ("envelope-fields",), "true: as all of its times, and it is that of the start of the process"),
    (("py-ocpi",), ("unknown-object-404",), "true: the adapter is called with `None`, a `TypeError`"),
    (("fastify",), ("request-id", "correlation-id", "routing-headers"), "true: the script sets none"),
    (("fastify",), ("id-case",), "true: the script finds objects by the id as it is written"),
    (("fastify",), ("unknown-object-404",), "true: the script answers HTTP 200 with 2003"),
)


def by_hand(peer, rung):
    return next((seen for peers, rungs, seen in SEEN if rung in rungs and (not peers or peer in peers)), "not looked at yet")
