"""Discovery through /metadata, as Python's fhirclient does it: discovers.py FHIR_BASE ISSUER."""

import sys

from fhirclient import client

fhir, issuer = sys.argv[1:]
smart = client.FHIRClient(settings={
    "app_id": "sample-app",
    "api_base": fhir,
    "redirect_uri": "http://localhost:1/cb",
    "scope": "launch/patient openid fhirUser patient/*.rs",
})
smart.prepare()
url = smart.authorize_url
assert url.startswith(issuer + "/authorize?"), url
assert "code_challenge_method=S256" in url, url
