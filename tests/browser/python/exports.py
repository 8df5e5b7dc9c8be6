"""A bulk export by smart-fetch, counted against the search API: exports.py FHIR_BASE CLIENT_ID KEY.pem [GROUP]."""

import asyncio
import collections
import json
import pathlib
import subprocess
import sys
import tempfile

from cumulus_fhir_support import FhirClient

fhir, client_id, key, *group = sys.argv[1:]
TYPES = ["Patient", "Observation", "Condition", "Encounter", "Immunization", "DiagnosticReport"]


def export(folder):
    """Has smart-fetch export into a folder."""
    smart_fetch = pathlib.Path(sys.executable).parent / "smart-fetch"
    subprocess.run([
        smart_fetch, "bulk", "--fhir-url", fhir, "--smart-client-id", client_id, "--smart-key", key,
        *(["--group", group[0]] if group else []),
        "--type", ",".join(TYPES), "--no-default-filters", "--no-compression", folder,
    ], check=True, stdout=subprocess.DEVNULL)


def exported(folder):
    """How many different resources of each type are in the files."""
    found = collections.defaultdict(set)
    for file in pathlib.Path(folder).glob("*.[0-9]*.ndjson"):
        for line in file.read_text("utf8").splitlines():
            resource = json.loads(line)
            found[resource["resourceType"]].add(resource["id"])
    return {kind: len(ids) for kind, ids in found.items()}


async def searched():
    """How many of each type a search finds, with the same client's token."""
    counts = {}
    async with FhirClient(fhir, TYPES, smart_client_id=client_id, smart_pem=pathlib.Path(key).read_text()) as client:
        for kind in TYPES:
            answer = await client.request("GET", f"{kind}?_summary=count")
            counts[kind] = answer.json()["total"]
    return counts


with tempfile.TemporaryDirectory() as folder:
    export(folder)
    found, there = exported(folder), asyncio.run(searched())
    assert found == there, (found, there)
    assert found["Patient"] == (3 if group else 30), found
