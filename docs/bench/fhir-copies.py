#!/usr/bin/env python3
"""Fills a database of records, of which the demo's are loaded, with copies of them: patients, and all that belongs to them, under
ids of their own (`hank-carter-17`). For measurements: 91 copies make a million resources.

    fhir-copies.py records.db COPIES
    fhir-copies.py postgres://USER@127.0.0.1:PORT/DATABASE COPIES      (needs psql)

Stop the server first. The rows of the search index are copied with their resources, and its indexes built anew.
"""

import re
import sqlite3
import subprocess
import sys
import time

TABLES = {
    "fhir_patient": ["patient", "type", "resource"],
    "fhir_token": ["resource", "type", "param", "system", "code"],
    "fhir_string": ["resource", "type", "param", "folded", "exact"],
    "fhir_uri": ["resource", "type", "param", "value"],
    "fhir_date": ["resource", "type", "param", "low", "high"],
    "fhir_reference": ["resource", "type", "param", "target_type", "target"],
    "fhir_quantity": ["resource", "type", "param", "value", "system", "code"],
    "fhir_pair": ["resource", "type", "param", "system", "code", "other_system", "other", "number", "low", "high"],
}
# What stands in a copy's row instead of the original's. References elsewhere have no type.
OWN = {
    ("fhir_patient", "patient"): "patient || {suffix}",
    ("fhir_reference", "target"): "CASE WHEN target_type = '' THEN target ELSE target || {suffix} END",
    ("fhir_token", "code"): "CASE WHEN param = 'identifier' THEN code || {suffix} ELSE code END",
}
REFERENCE = re.compile(r'"reference":"([A-Z][A-Za-z]+)/([A-Za-z0-9.-]+)"')


def copied(table, suffix, offset, highest):
    """The statement that copies the rows of one table."""
    columns = TABLES[table]
    values = [OWN.get((table, column), column).format(suffix=suffix) for column in columns]
    values[columns.index("resource")] = f"resource + {offset}"
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) "
        f"SELECT {', '.join(values)} FROM {table} WHERE resource <= {highest}"
    )


def sqlite(path, copies):
    db = sqlite3.connect(path, isolation_level=None)
    for pragma in ["journal_mode=OFF", "synchronous=OFF", "cache_size=-1000000", "locking_mode=EXCLUSIVE"]:
        db.execute(f"PRAGMA {pragma}")
    indexes = db.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name LIKE 'fhir_%'"
        " AND tbl_name NOT LIKE 'fhir_export%'"
    ).fetchall()
    for name, _ in indexes:
        db.execute(f"DROP INDEX {name}")
    highest = db.execute("SELECT max(number) FROM fhir_resource").fetchone()[0]
    originals = db.execute("SELECT number, type, id, version, last_updated, body FROM fhir_resource").fetchall()
    # Each table in one go, so that its pages lie together.
    db.execute("BEGIN")
    for copy in range(1, copies):
        mark = f"-{copy}"
        rows = (
            (number + copy * highest, kind, id + mark, version, updated, own(body, id, mark))
            for number, kind, id, version, updated, body in originals
        )
        db.executemany(
            "INSERT INTO fhir_resource (number, type, id, version, last_updated, deleted, body)"
            " VALUES (?, ?, ?, ?, ?, 0, ?)",
            rows,
        )
    for table in TABLES:
        for copy in range(1, copies):
            db.execute(copied(table, f"'-{copy}'", copy * highest, highest))
    db.execute("COMMIT")
    for _, sql in indexes:
        db.execute(sql)
    db.execute("ANALYZE")
    print(db.execute("SELECT count(*) FROM fhir_resource").fetchone()[0], "resources")
    db.execute("PRAGMA journal_mode=WAL")
    db.close()


def own(body, id, mark):
    body = REFERENCE.sub(lambda found: f'"reference":"{found[1]}/{found[2]}{mark}"', body)
    return body.replace(f'"id":"{id}"', f'"id":"{id}{mark}"', 1)


def postgres(url, copies):
    def run(*statements):
        command = ["psql", url, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-t", "-A"]
        return subprocess.run(
            command, input=";\n".join(statements) + ";", text=True, check=True, stdout=subprocess.PIPE
        ).stdout.strip()

    found = run(
        "SELECT indexname || '|' || indexdef FROM pg_indexes WHERE schemaname = current_schema()"
        " AND tablename IN ('" + "', '".join(["fhir_resource", *TABLES]) + "') AND indexname NOT LIKE '%pkey'"
    )
    indexes = [line.split("|", 1) for line in found.splitlines()]
    highest = int(run("SELECT max(number) FROM fhir_resource"))
    bodies = (
        "INSERT INTO fhir_resource (number, type, id, version, last_updated, deleted, body) "
        f"SELECT number + copy * {highest}, type, id || '-' || copy, version, last_updated, false, "
        "replace(regexp_replace(body, '\"reference\":\"([A-Z][A-Za-z]+)/([A-Za-z0-9.-]+)\"', "
        "'\"reference\":\"\\1/\\2-' || copy || '\"', 'g'), '\"id\":\"' || id || '\"', '\"id\":\"' || id || '-' || copy || '\"') "
        f"FROM fhir_resource, generate_series(1, {copies - 1}) AS copy WHERE number <= {highest}"
    )
    run(*[f"DROP INDEX {name}" for name, _ in indexes], bodies)
    for table in TABLES:
        statement = copied(table, "'-' || copy", f"copy * {highest}", highest)
        run(statement.replace(f" FROM {table} ", f" FROM {table}, generate_series(1, {copies - 1}) AS copy "))
    run("SET maintenance_work_mem = '512MB'", *[sql for _, sql in indexes], "VACUUM ANALYZE")
    run(f"SELECT setval(pg_get_serial_sequence('fhir_resource', 'number'), (SELECT max(number) FROM fhir_resource))")
    print(run("SELECT count(*) FROM fhir_resource"), "resources")


if __name__ == "__main__":
    place, copies = sys.argv[1], int(sys.argv[2])
    started = time.time()
    (postgres if place.startswith("postgres") else sqlite)(place, copies)
    print(f"{time.time() - started:.0f} s")
