//! What a person reads when the demo is up.

use super::{Addresses, PASSWORD};

/// A short table: addresses, users, what to click first.
pub(crate) fn welcome(addresses: &Addresses, password: Option<&str>) -> String {
    let password = if password.is_some() { "(the one you gave)" } else { PASSWORD };
    let Addresses { issuer, fhir, laboratory, apps } = addresses;
    format!(
        "\
  Fireward demo: synthetic patients, for trying things out. Not for real records:
  it speaks plain http, and its database favours speed over the last second before a power cut.

    demo EHR and sample app   {apps}       <- start here
    authorization server      {issuer}
    FHIR R4, the clinic       {fhir}
    FHIR R4, the laboratory   {laboratory}

    user        is                              password
    clinician   Dr. Amara Okafor                {password}
    patient     Susan Bradley                   {password}
    caregiver   Dana Jackson, two grandchildren {password}
    admin       Robin Lee                       {password}

  1. Open {apps} and sign in to the EHR as clinician; choose a patient, launch the app.
  2. Sign out first, or use a private window: open {apps}/sample-app/ and connect as
     patient or caregiver. You are asked first.
  3. Which other servers have a record: GET {fhir}/DocumentReference?patient=…&category=record-location
  4. See and undo what you allowed at {issuer}/account/apps
"
    )
}
