"""A party of another version: what the client of latam-evra-ocpi (OCPI 2.3.0) gets from a hub of 2.2.1.
usage: latam_peer.py HUB_BASE TOKEN_A VERSIONS_URL      prints one line of JSON a step"""
import asyncio
import json
import sys

from latam_evra_ocpi import OcpiClient

BASE, TOKEN_A, VERSIONS = sys.argv[1:4]


async def step(name, work):
    try:
        print(json.dumps({"step": name, "ok": True, "why": str(await work)[:300]}))
    except Exception as why:  # what the library raises is what is to be told
        print(json.dumps({"step": name, "ok": False, "why": f"{type(why).__name__}: {why}"}))


async def main():
    async with OcpiClient(base_url=f"{BASE}/ocpi") as client:
        await step("versions", client.get_versions())
    async with OcpiClient(base_url=f"{BASE}/ocpi/2.2.1") as client:
        await step("credentials", client.register_credentials(token_a=TOKEN_A, url=VERSIONS, roles=[
            {"role": "CPO", "country_code": "CL", "party_id": "LEA", "business_details": {"name": "LEA"}}]))


asyncio.run(main())
