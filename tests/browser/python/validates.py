"""What the server returns, read by fhirclient's strict models of R4: validates.py FHIR_BASE CLIENT_ID KEY.pem KID.

The models know every element, its type, whether it is a list and whether it must be there; they were generated from the
definitions of R4 by others, in another language."""

import importlib
import pathlib
import sys
import time
import uuid

import requests
from jwcrypto import jwk, jwt

fhir, client_id, key, kid = sys.argv[1:]
session = requests.Session()
judged = {"resources": 0}


def judge(resource):
    """Refuses what is no resource of R4, entries of bundles included."""
    kind = resource["resourceType"]
    model = getattr(importlib.import_module(f"fhirclient.models.{kind.lower()}"), kind)
    # A bundle's entries are judged one by one, which names the one at fault.
    entries = resource.get("entry", []) if kind == "Bundle" else []
    for entry in entries:
        if "resource" in entry:
            judge(entry["resource"])
        if "outcome" in entry.get("response", {}):
            judge(entry["response"]["outcome"])
    bare = [{k: v for k, v in entry.items() if k != "resource"} for entry in entries]
    model({**resource, "entry": bare} if entries else resource, strict=True)
    judged["resources"] += 1


def sign_in():
    """A token by client credentials, as SMART's backend services get it."""
    endpoint = requests.get(f"{fhir}/.well-known/smart-configuration").json()["token_endpoint"]
    claims = {"iss": client_id, "sub": client_id, "aud": endpoint, "exp": int(time.time()) + 60, "jti": str(uuid.uuid4())}
    assertion = jwt.JWT(header={"alg": "ES384", "kid": kid, "typ": "JWT"}, claims=claims)
    assertion.make_signed_token(jwk.JWK.from_pem(pathlib.Path(key).read_bytes()))
    answer = requests.post(endpoint, data={
        "grant_type": "client_credentials", "scope": "system/*.cruds system/AuditEvent.rs", "client_assertion": assertion.serialize(),
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    })
    assert answer.ok, answer.text
    session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    session.headers["Accept"] = "application/fhir+json"


def ask(method, target, body=None, expect=200):
    """Asks, judges what comes back, and gives it."""
    headers = {"Content-Type": "application/fhir+json"} if body else {}
    answer = session.request(method, f"{fhir}/{target}".rstrip("/"), json=body, headers=headers)
    assert answer.status_code == expect, (method, target, answer.status_code, answer.text)
    found = answer.json() if answer.content else None
    if found:
        judge(found)
    return found


def every_type(kinds):
    """Searches and histories, page by page as far as three pages go."""
    for kind in kinds:
        for begin in (f"{kind}?_count=200", f"{kind}/_history?_count=200"):
            target = begin
            for _ in range(3):
                page = ask("GET", target)
                links = {link["relation"]: link["url"] for link in page.get("link", [])}
                if "next" not in links:
                    break
                target = links["next"].removeprefix(f"{fhir}/")


def writes():
    """What creations, updates, patches, bundles and refusals give back."""
    patient = {"resourceType": "Patient", "name": [{"family": "Judged"}]}
    made = ask("POST", "Patient", patient, 201)
    place = f"Patient/{made['id']}"
    ask("PUT", place, {**patient, "id": made["id"], "gender": "other"})
    patch = {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": [
        {"name": "type", "valueCode": "add"}, {"name": "path", "valueString": "Patient"},
        {"name": "name", "valueString": "birthDate"}, {"name": "value", "valueDate": "1980-01-01"}]}]}
    patched = ask("PATCH", place, patch)
    assert patched["birthDate"] == "1980-01-01"
    ask("GET", f"{place}/_history")
    ask("GET", f"{place}?_pretty=true")
    ask("POST", "Patient/$validate", patient)
    ask("POST", "Patient", {**patient, "colour": "blue"}, 400)
    ask("GET", "Patient/nobody", expect=404)
    entries = [
        {"fullUrl": "urn:uuid:11111111-1111-4111-8111-111111111111", "resource": patient,
         "request": {"method": "POST", "url": "Patient"}},
        {"resource": {"resourceType": "Observation", "status": "final", "code": {"text": "x"},
                      "subject": {"reference": "urn:uuid:11111111-1111-4111-8111-111111111111"}},
         "request": {"method": "POST", "url": "Observation"}},
        {"request": {"method": "GET", "url": place}},
        {"request": {"method": "GET", "url": "Patient?family=judged"}},
    ]
    for kind in ("transaction", "batch"):
        sent = entries if kind == "transaction" else entries[2:]
        ask("POST", "", {"resourceType": "Bundle", "type": kind, "entry": sent})
    ask("GET", "_history?_count=50")
    ask("DELETE", place, expect=204)
    ask("GET", place, expect=410)


sign_in()
capabilities = ask("GET", "metadata")
kinds = [one["type"] for one in capabilities["rest"][0]["resource"]]
every_type(kinds)
writes()
print(f"{judged['resources']} resources of {len(kinds)} types")
assert judged["resources"] > 5_000
