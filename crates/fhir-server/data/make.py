#!/usr/bin/env python3
"""Makes records.ndjson.gz from the output of the record generator; see README.md beside this file.

Usage: make.py GENERATED_FHIR_FOLDER records.ndjson.gz

The same input gives the same bytes. Nothing here runs on a user's machine.
"""

import collections
import gzip
import hashlib
import json
import pathlib
import re
import sys

import handwritten

# Thirty of the generated people: those with years of records, children, and a few with little.
PEOPLE = """
alexis-brown alicia-lopez anna-bradley bonnie-jackson charles-smith clifford-bradley cynthia-mason
frances-mason hank-carter helen-coleman jordan-brown kristin-bailey leonard-mason margaret-jackson
melissa-smith michael-williams nancy-clark rebecca-smith robin-brown roy-coleman russell-mason
sandra-jackson sarah-henry susan-bradley susan-jackson tamika-jackson teresa-morales thomas-jackson
william-jackson willie-carter
""".split()

# Who signs in to the demo as a patient: the generator let her die, the demo does not.
SIGNS_IN = "susan-bradley"

# Observations that say little to a reader and are half of what is generated: oxygen flow,
# consciousness and coma scores, fluid balance.
DULL = {"3151-8", "80288-4", "9269-2", "NEWS2", "9108-2", "9262-7", "9192-6"}

# Codings that do not belong: CPT needs a licence, the others are Japanese or the generator's own.
FOREIGN = (
    "http://www.ama-assn.org/go/cpt",
    "urn:oid:1.2.392.",
    "http://clinosim.dev/",
)

# How many of a type are kept for one patient, the newest first. What is not named is kept whole.
KEPT = {
    "CareTeam": 2,
    "ClinicalImpression": 6,
    "Composition": 6,
    "Coverage": 3,
    "DiagnosticReport": 30,
    "DocumentReference": 8,
    "ImagingStudy": 4,
    "Immunization": 25,
    "MedicationAdministration": 25,
    "MedicationRequest": 60,
    "ServiceRequest": 20,
    "Specimen": 8,
}
ENCOUNTERS = 40

# Kept only where something else refers to them.
REFERENCED_ONLY = {"Device", "Location", "Organization", "Practitioner", "PractitionerRole"}
EMPTY_IS_USELESS = {"DiagnosticReport": "result", "PractitionerRole": "practitioner"}
REFERENCE = re.compile(r'"reference": "([A-Z][A-Za-z]+/[A-Za-z0-9.-]+)"')


def main(folder, target):
    records = read(pathlib.Path(folder))
    rename_patients(records)
    records = [tidy(r) for r in records if wanted(r) and not broken(r)]
    records = thin(records)
    records += handwritten.resources()
    records = close(records)
    write(records, target)
    counts = collections.Counter(r["resourceType"] for r in records)
    print(len(records), "resources of", len(counts), "types:", dict(sorted(counts.items())))


def read(folder):
    lines = (line for path in sorted(folder.glob("*.ndjson")) for line in path.open())
    return [json.loads(line) for line in lines]


def rename_patients(records):
    """Gives patients ids that a person can read and type: `hank-carter`."""
    names = {}
    for r in records:
        if r["resourceType"] == "Patient":
            name = r["name"][0]
            names[r["id"]] = f'{name["given"][0]}-{name["family"]}'.lower()
    assert len(set(names.values())) == len(names), "two patients of one name"
    for i, r in enumerate(records):
        text = json.dumps(r)
        for old, new in names.items():
            if old in text:
                text = text.replace(f"Patient/{old}\"", f"Patient/{new}\"").replace(f'"id": "{old}"', f'"id": "{new}"')
        records[i] = json.loads(text)


def patient_of(r):
    if r["resourceType"] == "Patient":
        return r["id"]
    for name in ("subject", "patient", "beneficiary"):
        reference = r.get(name, {}).get("reference", "") if isinstance(r.get(name), dict) else ""
        if reference.startswith("Patient/"):
            return reference.removeprefix("Patient/")
    return None


def wanted(r):
    if r["resourceType"] == "Endpoint":
        return False  # addresses of images that do not exist
    patient = patient_of(r)
    if patient is not None and patient not in PEOPLE:
        return False
    if r["resourceType"] == "Observation":
        return not any(c["code"] in DULL for c in r["code"].get("coding", []))
    return "(display unavailable)" not in json.dumps(r.get("code", ""))


def when(r):
    """The time that a record is about, for the order of records and for `meta.lastUpdated`."""
    period = r.get("period") or r.get("performedPeriod") or r.get("timingPeriod") or {}
    names = ("effectiveDateTime", "issued", "authoredOn", "date", "occurrenceDateTime", "recordedDate", "started")
    found = next((r[n] for n in names if n in r), None)
    return found or period.get("start") or r.get("collection", {}).get("collectedDateTime", "")


def tidy(value):
    """Drops what is foreign, empty, or only means something to the generator."""
    if isinstance(value, list):
        return [v for v in (tidy(v) for v in value) if v not in ({}, [], None)]
    if not isinstance(value, dict):
        return value
    out = {}
    for name, v in value.items():
        if name == "coding":
            v = [c for c in v if not c.get("system", "").startswith(FOREIGN)]
        elif name == "identifier" and isinstance(v, list):
            v = [i for i in v if not generators_own(i)]
        elif name == "identifier" and generators_own(v):
            continue
        elif name == "referenceRange":
            v = [x for x in v if "Critical" not in x.get("text", "")]
        elif name == "text" and isinstance(v, str) and re.fullmatch(r"[a-z]+(_[a-z]+)+", v):
            v = v.replace("_", " ").capitalize()
        elif name == "telecom":
            v = [unreal_phone(t) for t in v]
        elif name in ("masterIdentifier", "profile"):
            continue
        v = tidy(v)
        if v not in ({}, [], None):
            out[name] = v
    if "resourceType" in out:
        stamp(out)
    return out


def generators_own(identifier):
    return identifier.get("system", "").startswith(("urn:clinosim", "urn:oid:2.16.840.1.113883.3.564.5.10.clinosim"))


def unreal_phone(telecom):
    """Puts generated telephone numbers into the range that is reserved for fiction (555-0100 to 555-0199)."""
    if telecom.get("system") != "phone":
        return telecom
    digits = int(hashlib.sha256(telecom["value"].encode()).hexdigest(), 16)
    return telecom | {"value": f"({telecom['value'][1:4]}) 555-01{digits % 100:02}"}


def stamp(r):
    date = (r.get("meta") or {}).get("lastUpdated") or when(r) or "2026-11-01"
    date = date if "T" in date else date[:10] + "T08:00:00Z" if len(date) >= 10 else "2020-11-01T08:00:00Z"
    date = re.sub(r"\.\d+", "", date)
    r["meta"] = {"versionId": "1", "lastUpdated": min(date, "2026-11-01T20:00:00Z")}
    if r["resourceType"] == "Patient":
        r.setdefault("generalPractitioner", [{"reference": "Practitioner/demo-clinician"}])
        r["identifier"] = [i | {"value": i["value"].replace("POP-", "MRN-")} for i in r["identifier"]]
    if r["id"] == SIGNS_IN and r.pop("deceasedDateTime", None):
        r |= {"active": True, "deceasedBoolean": False}


def thin(records):
    """Keeps a readable amount: one value of a kind a day, few administrative records, whole encounters."""
    born = {r["id"]: r["birthDate"] for r in records if r["resourceType"] == "Patient"}
    records = [r for r in records if not when(r) or when(r)[:10] >= born.get(patient_of(r), "")]
    gone = dropped_encounters(records)
    seen, counted, out = set(), collections.Counter(), []
    for r in sorted(records, key=lambda r: (when(r), r["resourceType"], r["id"]), reverse=True):
        kind, patient = r["resourceType"], patient_of(r)
        encounter = (r.get("encounter") or r.get("context") or {}).get("reference", "")
        if encounter in gone or f'{kind}/{r["id"]}' in gone:
            continue
        if kind == "Observation":
            key = (patient, json.dumps(r["code"]["coding"]), when(r)[:10])
            if key in seen:
                continue
            seen.add(key)
        counted[kind, patient] += 1
        if patient is None or counted[kind, patient] <= KEPT.get(kind, sys.maxsize):
            out.append(r)
    return out


def dropped_encounters(records):
    """Of each patient with many encounters, all but an even choice of them over the years."""
    of = collections.defaultdict(list)
    for r in records:
        if r["resourceType"] == "Encounter":
            of[patient_of(r)].append(r)
    gone = set()
    for encounters in of.values():
        encounters.sort(key=lambda r: (when(r), r["id"]))
        step = len(encounters) / ENCOUNTERS
        kept = set(range(len(encounters))) if step <= 1 else {int(i * step) for i in range(ENCOUNTERS)}
        gone |= {f'Encounter/{r["id"]}' for i, r in enumerate(encounters) if i not in kept}
    return gone


def broken(r):
    """A fault of the generator: a dosage with members that a MedicationAdministration does not have, or without a dose."""
    dosage = r.get("dosage") if r["resourceType"] == "MedicationAdministration" else None
    if dosage is None:
        return False
    return "doseAndRate" in dosage or "timing" in dosage or not {"dose", "rateQuantity", "rateRatio"} & set(dosage)


def close(records):
    """Leaves no reference without its target, and nothing shared that nobody refers to."""
    while True:
        there = {f'{r["resourceType"]}/{r["id"]}' for r in records}
        records = [without_dangling(r, there) for r in records]
        used = {m for r in records for m in REFERENCE.findall(json.dumps(r)) if m != f'{r["resourceType"]}/{r["id"]}'}
        practitioners = {u for u in used if u.startswith("Practitioner/")}
        kept = []
        for r in records:
            kind, name = r["resourceType"], f'{r["resourceType"]}/{r["id"]}'
            if kind == "PractitionerRole":
                keep = r.get("practitioner", {}).get("reference") in practitioners
            else:
                keep = kind not in REFERENCED_ONLY or name in used or r["id"].startswith("demo-")
            needed = EMPTY_IS_USELESS.get(kind)
            if keep and (needed is None or needed in r):
                kept.append(r)
        if len(kept) == len(records):
            return kept
        records = kept


def without_dangling(value, there):
    if isinstance(value, list):
        return [v for v in (without_dangling(v, there) for v in value) if v not in ({}, None)]
    if not isinstance(value, dict):
        return value
    reference = value.get("reference")
    if isinstance(reference, str) and re.fullmatch(r"[A-Z][A-Za-z]+/[A-Za-z0-9.-]+", reference) and reference not in there:
        return None
    out = {name: without_dangling(v, there) for name, v in value.items()}
    # An element that is nothing without the reference that it lost goes too.
    if any(name in value and out.get(name) is None for name in ("actor", "member", "individual", "condition", "item", "target")):
        return None
    return {name: v for name, v in out.items() if v not in ({}, [], None)}


def write(records, target):
    """One resource a line: what others refer to first, then by type and id."""
    first = ["Organization", "Location", "Practitioner", "PractitionerRole", "Patient", "Encounter"]
    rank = lambda r: (first.index(r["resourceType"]) if r["resourceType"] in first else 9, r["resourceType"], r["id"])
    head = ("resourceType", "id", "meta")
    records = [{n: r[n] for n in head} | {n: v for n, v in r.items() if n not in head} for r in records]
    lines = [json.dumps(r, ensure_ascii=False, separators=(",", ":")) for r in sorted(records, key=rank)]
    with open(target, "wb") as raw, gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=9, mtime=0) as out:
        out.write(("\n".join(lines) + "\n").encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
