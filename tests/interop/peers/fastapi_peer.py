"""A party made of extrawest-ocpi or py-ocpi (both are the package py_ocpi), as their documentation tells to make one: objects in memory.
usage: fastapi_peer.py ROLE CC PID PORT TOKEN_A [CERTIFICATE KEY]
/control/push/MODULE/ID makes it push an object of its own to whom it is connected with, by the library's own client."""
import importlib
import importlib.util
import inspect
import os
import secrets
import sys

ROLE, COUNTRY, PARTY, PORT, TOKEN_A = sys.argv[1:6]
TLS = dict(zip(("ssl_certfile", "ssl_keyfile"), sys.argv[6:8]))
BASE = f"{'https' if TLS else 'http'}://127.0.0.1:{PORT}"
os.environ |= {"OCPI_HOST": f"127.0.0.1:{PORT}", "PROTOCOL": "http", "COUNTRY_CODE": COUNTRY, "PARTY_ID": PARTY}

import fastapi.encoders  # noqa: E402: the settings are read when the library is imported
import uvicorn  # noqa: E402
from py_ocpi.core import crud, enums, push, schemas  # noqa: E402
from py_ocpi.main import get_application  # noqa: E402
from py_ocpi.modules.versions.enums import VersionNumber  # noqa: E402

NOW = "2026-11-01T08:00:00Z"
store, peer = {}, {}


def key_of(data):
    return str(data.get("id") or data.get("uid")).lower()


def shelf(module):
    return store.setdefault(module.value, {})


class Crud(crud.Crud):
    @classmethod
    async def get(cls, module, role, id, *args, **more):
        if module == enums.ModuleID.credentials_and_registration:
            return mine() if peer else None
        if module == enums.ModuleID.commands:
            return {"result": "ACCEPTED"}
        return shelf(module).get(str(id).lower())

    @classmethod
    async def list(cls, module, role, filters, *args, **more):
        since = filters["date_from"]
        rows = [row for row in shelf(module).values() if since is None or row["last_updated"] >= f"{since:%Y-%m-%dT%H:%M:%SZ}"]
        page = rows[filters["offset"]:filters["offset"] + filters["limit"]]
        return page, len(rows), filters["offset"] + filters["limit"] >= len(rows)

    @classmethod
    async def create(cls, module, role, data, *args, **more):
        if module == enums.ModuleID.credentials_and_registration:
            return connected(data)
        shelf(module)[key_of(data)] = data
        return data

    @classmethod
    async def update(cls, module, role, data, id, *args, **more):
        return await cls.create(module, role, data)

    @classmethod
    async def delete(cls, module, role, id, *args, **more):
        if module == enums.ModuleID.credentials_and_registration:
            peer.clear()
        else:
            shelf(module).pop(str(id).lower(), None)

    @classmethod
    async def do(cls, module, role, action, *args, auth_token=None, **more):
        if action == enums.Action.get_client_token:
            return peer["token"] if auth_token == peer.get("mine") else "" if auth_token == TOKEN_A else None
        if action == enums.Action.authorize_token:
            return {"allowed": "ALLOWED", "token": next(iter(store["tokens"].values()))}
        return {"result": "ACCEPTED", "timeout": 30}


def mine():
    return {"token": peer["mine"], "url": f"{BASE}/ocpi/versions", "roles": [
        {"role": ROLE, "country_code": COUNTRY, "party_id": PARTY, "business_details": {"name": "A FastAPI party"}}]}


def connected(data):
    credentials = data["credentials"]
    peer.update(token=credentials["token"], versions=credentials["url"], mine=secrets.token_urlsafe(24))
    return mine()


def schema(name):
    """The class of that name of any module of version 2.2.1, wherever this version of the library has it."""
    for module in ("locations", "sessions", "cdrs", "tariffs", "tokens", "commands", "credentials", "hubclientinfo"):
        if importlib.util.find_spec(f"py_ocpi.modules.{module}") is None:
            continue
        found = getattr(importlib.import_module(f"py_ocpi.modules.{module}.v_2_2_1.schemas"), name, None)
        if found is not None:
            return found
    raise LookupError(name)


class Adapter:
    """Each object by the library's own class."""

    def __getattr__(self, name):
        words = name.removesuffix("_adapter").split("_")
        known = {"cdr": "Cdr", "authorization": "AuthorizationInfo", "credentials": "Credentials",
                 "hubclientinfo": "ClientInfo",
                 "charging_preference": "ChargingPreferences"}
        found = known.get("_".join(words), "".join(word.capitalize() for word in words))
        return lambda data, *rest: schema(found)(**data)


def authenticator():
    from py_ocpi.core.authentication.authenticator import Authenticator as Base

    class Tokens(Base):
        @classmethod
        async def get_valid_token_c(cls):
            return [peer["mine"]] if peer else []

        @classmethod
        async def get_valid_token_a(cls):
            return [] if peer else [TOKEN_A]

    return Tokens


def application():
    wanted = {"version_numbers": [VersionNumber.v_2_2_1], "roles": [enums.RoleEnum(ROLE)], "crud": Crud, "adapter": Adapter()}
    takes = inspect.signature(get_application).parameters
    if "authenticator" in takes:
        wanted |= {"authenticator": authenticator(), "modules": list(enums.ModuleID)}
    return get_application(**wanted)


def fill():
    by = {"country_code": COUNTRY, "party_id": PARTY}
    place = {"address": "Street 1", "city": "Berlin", "country": "DEU",
             "coordinates": {"latitude": "52.520000", "longitude": "13.400000"}}
    token = {"country_code": "NL", "party_id": "RGM", "uid": "U1", "type": "RFID", "contract_id": "NL-RGM-C1"}
    element = {"price_components": [{"type": "ENERGY", "price": 0.4, "step_size": 1}]}
    where = {"id": "L1", **place, "evse_uid": "E1", "evse_id": "DE*E1", "connector_id": "1", "connector_standard": "IEC_62196_T2",
             "connector_format": "SOCKET", "connector_power_type": "AC_3_PHASE"}
    period = {"start_date_time": NOW, "dimensions": [{"type": "ENERGY", "volume": 1.5}]}
    spent = {"kwh": 1.5, "start_date_time": NOW, "cdr_token": token, "auth_method": "WHITELIST", "currency": "EUR", "last_updated": NOW}
    cpo = {"locations": [{**by, "id": name, "publish": True, **place, "time_zone": "Europe/Berlin", "last_updated": NOW}
                         for name in ("L1", "L2", "L3")],
           "tariffs": [{**by, "id": "T1", "currency": "EUR", "elements": [element], "last_updated": NOW}],
           "sessions": [{**by, "id": "S1", **spent, "location_id": "L1", "evse_uid": "E1", "connector_id": "1", "status": "ACTIVE"}],
           "cdrs": [{**by, "id": "C1", **spent, "end_date_time": "2026-11-01T09:00:00Z", "cdr_location": where,
                     "charging_periods": [period], "total_cost": {"excl_vat": 0.6}, "total_energy": 1.5, "total_time": 1.0}]}
    emsp = {"tokens": [{**by, "uid": "V1", "type": "RFID", "contract_id": "P-1", "issuer": "Peer", "valid": True,
                        "whitelist": "ALLOWED", "last_updated": NOW}]}
    for module, objects in (cpo if ROLE == "CPO" else emsp).items():
        store[module] = {key_of(one): one for one in objects}


app = application()


@app.get("/control/push/{module}/{name}")
async def control_push(module: str, name: str):
    receiver = schemas.Receiver(endpoints_url=peer["versions"].replace("/versions", "/2.2.1"), auth_token=peer["token"])
    wanted = schemas.Push(module_id=module, object_id=name, receivers=[receiver])
    try:
        done = await push.push_object(VersionNumber.v_2_2_1, wanted, Crud, Adapter())
    except Exception as why:  # what the library raises is what is to be told
        return {"ok": False, "why": f"{type(why).__name__}: {why}"}
    first = done.receiver_responses[0]
    # a refusal is HTTP 200, and of the answer to a CDR the library keeps the headers alone
    said = "and its body is thrown away" if module == "cdrs" else first.response
    return {"ok": first.status_code == 201, "why": f"{first.status_code} {said}"}


@app.get("/control/store/{module}")
async def control_store(module: str):
    return fastapi.encoders.jsonable_encoder(list(store.get(module, {}).values()))


fill()
uvicorn.run(app, host="127.0.0.1", port=int(PORT), log_level="warning", **TLS)
