// Who is signed in, and whose record this is.

import { h, put } from "./dom.mjs";
import { formatAge, formatFhirDate, formatName } from "./format.mjs";
import { mayRead } from "./scopes.mjs";

const ROLES = { Practitioner: "clinician", PractitionerRole: "clinician", Patient: "patient", RelatedPerson: "family or carer", Person: "account holder" };

/** Fills `#signed-in-user` from the record that `fhirUser` names, or else from UserInfo. */
export async function signedInUser(client, config) {
  const place = document.getElementById("signed-in-user");
  const reference = client.user.fhirUser;
  const name = (await nameFromRecord(client)) ?? (await nameFromUserInfo(client, config)) ?? reference;
  if (!name) return;
  put(place, h("span", { class: "visually-hidden" }, "Signed in as "), h("strong", {}, name), " ",
    ROLES[client.user.resourceType] && h("span", { class: "role" }, ROLES[client.user.resourceType]));
  place.title = reference ?? "";
  place.hidden = false;
}

async function nameFromRecord(client) {
  if (!client.user.fhirUser || !mayRead(client.state.tokenResponse.scope, client.user.resourceType)) return null;
  const resource = await client.user.read().catch(() => null);
  return formatName(resource?.name);
}

async function nameFromUserInfo(client, config) {
  try {
    const metadata = await (await fetch(`${config.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`)).json();
    const response = await fetch(metadata.userinfo_endpoint, { headers: { authorization: client.getAuthorizationHeader() } });
    return response.ok ? ((await response.json()).name ?? null) : null;
  } catch {
    return null;
  }
}

/** Fills `#patient-banner`, unless the EHR around the app already shows one (`need_patient_banner`). */
export async function patientBanner(client) {
  const place = document.getElementById("patient-banner");
  if (place.hidden) return;
  if (!client.patient.id) return put(place, h("p", { class: "empty" }, "No patient was chosen."));
  try {
    const patient = await client.patient.read();
    const record = patient.identifier?.find((identifier) => identifier.type?.coding?.some(({ code }) => code === "MR")) ?? patient.identifier?.[0];
    put(place,
      h("p", { class: "banner-name" }, formatName(patient.name) ?? "Unnamed patient"),
      h("dl", {},
        fact("Born", [formatFhirDate(patient.birthDate), patient.birthDate && `(${formatAge(patient.birthDate, Date.now())})`].filter(Boolean).join(" ")),
        fact("Sex", patient.gender && patient.gender[0].toUpperCase() + patient.gender.slice(1)),
        fact("Record number", record?.value)));
  } catch {
    put(place, h("p", { class: "empty" }, "The patient's name was not shared with this app."));
  }
}

function fact(term, value) {
  return value && h("div", {}, h("dt", {}, term), h("dd", {}, value));
}
