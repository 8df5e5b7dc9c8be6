//! What the SMART configuration promises (SMART 2.2 conformance, CF-5). Each promise can be turned off, and then holds
//! no more: discovery, decisions and refusals all ask here.

use std::{collections::BTreeSet, fmt};

use fireward_scopes::{Form, Level, Scope};

use crate::{client::ClientAuth, launch::LaunchContext};

macro_rules! capabilities {
    ($($(#[$doc:meta])* $variant:ident = $wire:literal),+ $(,)?) => {
        /// A capability, as `capabilities` of a SMART configuration lists it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Capability { $($(#[$doc])* $variant),+ }

        impl Capability {
            /// Every capability, in the order that they are listed in.
            pub const VARIANTS: &[Self] = &[$(Self::$variant),+];

            /// The string of the specification.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $wire),+ }
            }
        }
    };
}

capabilities! {
    /// EHRs prepare launches, and apps ask for `launch`.
    LaunchEhr = "launch-ehr",
    /// Apps ask for records without an EHR.
    LaunchStandalone = "launch-standalone",
    /// Authorization requests by POST.
    AuthorizePost = "authorize-post",
    /// Clients that cannot prove who they are.
    ClientPublic = "client-public",
    /// Clients with a shared secret.
    ClientConfidentialSymmetric = "client-confidential-symmetric",
    /// Clients with a key of their own.
    ClientConfidentialAsymmetric = "client-confidential-asymmetric",
    /// ID tokens, and what `OpenID` Connect has besides.
    SsoOpenidConnect = "sso-openid-connect",
    /// `need_patient_banner` of a launch.
    ContextBanner = "context-banner",
    /// `smart_style_url` of a launch.
    ContextStyle = "context-style",
    /// The patient of a launch.
    ContextEhrPatient = "context-ehr-patient",
    /// The encounter of a launch.
    ContextEhrEncounter = "context-ehr-encounter",
    /// A patient that the person picks.
    ContextStandalonePatient = "context-standalone-patient",
    /// An encounter that the person picks.
    ContextStandaloneEncounter = "context-standalone-encounter",
    /// `offline_access`.
    PermissionOffline = "permission-offline",
    /// `online_access`.
    PermissionOnline = "permission-online",
    /// `patient/…` scopes.
    PermissionPatient = "permission-patient",
    /// `user/…` scopes.
    PermissionUser = "permission-user",
    /// Scopes that end in `read`, `write` or `*`.
    PermissionV1 = "permission-v1",
    /// Scopes that end in letters of `cruds`.
    PermissionV2 = "permission-v2",
}

impl Capability {
    /// The capability of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::VARIANTS.iter().copied().find(|capability| capability.as_str() == text)
    }

    /// What clients need that prove who they are in this way.
    #[must_use]
    pub const fn of_client(auth: &ClientAuth) -> Self {
        match auth {
            ClientAuth::None => Self::ClientPublic,
            ClientAuth::Secret { .. } => Self::ClientConfidentialSymmetric,
            ClientAuth::Keys { .. } => Self::ClientConfidentialAsymmetric,
        }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How an app was opened, as far as that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// From an EHR.
    Ehr,
    /// By itself.
    Standalone,
    /// One or the other.
    Either,
}

/// The capabilities of an issuer: all but those that were turned off.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Capabilities {
    off: BTreeSet<Capability>,
}

impl Capabilities {
    /// All but these.
    pub fn without(off: impl IntoIterator<Item = Capability>) -> Self {
        Self { off: off.into_iter().collect() }
    }

    /// Whether one is on.
    #[must_use]
    pub fn has(&self, capability: Capability) -> bool {
        !self.off.contains(&capability)
    }

    /// Those that are on, for the SMART configuration.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        let on = Capability::VARIANTS.iter().copied().filter(|one| self.has(*one));
        on.map(Capability::as_str)
    }

    /// The first of those that a scope needs and that are off. With [`Opened::Either`] one way that works is enough.
    #[must_use]
    pub fn missing(&self, scope: &Scope, opened: Opened) -> Option<Capability> {
        let off = |opened| needs(scope, opened).into_iter().flatten().find(|one| !self.has(*one));
        match opened {
            Opened::Ehr | Opened::Standalone => off(opened),
            Opened::Either => off(Opened::Ehr).and(off(Opened::Standalone)),
        }
    }

    /// What an app is told of a launch.
    #[must_use]
    pub fn told(&self, mut launch: LaunchContext) -> LaunchContext {
        if !self.has(Capability::ContextEhrPatient) {
            launch.patient = None;
            // Whose visit it is would be for the person to guess, who may pick another patient.
            launch.encounter = None;
        }
        if !self.has(Capability::ContextEhrEncounter) {
            launch.encounter = None;
        }
        if !self.has(Capability::ContextBanner) {
            launch.need_patient_banner = None;
        }
        if !self.has(Capability::ContextStyle) {
            launch.smart_style_url = None;
        }
        launch
    }
}

/// What must be on for a scope to be granted: at most three capabilities.
fn needs(scope: &Scope, opened: Opened) -> [Option<Capability>; 3] {
    let launched = opened == Opened::Ehr;
    let patient =
        if launched { Capability::ContextEhrPatient } else { Capability::ContextStandalonePatient };
    let encounter = if launched {
        Capability::ContextEhrEncounter
    } else {
        Capability::ContextStandaloneEncounter
    };
    let one = |capability| [Some(capability), None, None];
    // What is a patient's is picked after whose it is.
    let patient_first = (!launched && scope.needs_patient()).then_some(patient);
    match scope {
        Scope::OpenId
        | Scope::FhirUser
        | Scope::Profile
        | Scope::Email
        | Scope::Address
        | Scope::Phone => one(Capability::SsoOpenidConnect),
        Scope::OfflineAccess => one(Capability::PermissionOffline),
        Scope::OnlineAccess => one(Capability::PermissionOnline),
        Scope::Launch => one(Capability::LaunchEhr),
        Scope::LaunchContext(context) => match context.resource_type.as_str() {
            "patient" => one(patient),
            "encounter" => [Some(encounter), patient_first, None],
            _ => [patient_first, None, None],
        },
        Scope::Clinical(clinical) => {
            let form = match clinical.form() {
                Form::V1 => Capability::PermissionV1,
                Form::V2 => Capability::PermissionV2,
            };
            match clinical.level() {
                Level::Patient => [Some(form), Some(Capability::PermissionPatient), Some(patient)],
                Level::User => [Some(form), Some(Capability::PermissionUser), None],
                Level::System => one(form),
            }
        }
        Scope::Extension(_) => [None; 3],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(off: Capability, scope: &str, opened: Opened) -> Option<Capability> {
        Capabilities::without([off]).missing(&scope.parse().unwrap(), opened)
    }

    #[test]
    fn cf_5_each_capability_is_known_by_its_name() {
        for one in Capability::VARIANTS {
            assert_eq!(Capability::parse(one.as_str()), Some(*one));
        }
        assert_eq!(Capability::parse("launch_ehr"), None);
    }

    #[test]
    fn d_27_what_is_off_is_missing_where_it_is_needed() {
        use Capability as C;
        for (off, scope, opened, expected) in [
            (C::PermissionV1, "patient/*.read", Opened::Ehr, true),
            (C::PermissionV1, "patient/*.rs", Opened::Ehr, false),
            (C::PermissionV2, "system/*.rs", Opened::Either, true),
            (C::PermissionPatient, "patient/*.rs", Opened::Standalone, true),
            (C::PermissionPatient, "user/*.rs", Opened::Standalone, false),
            (C::ContextStandalonePatient, "patient/*.rs", Opened::Standalone, true),
            (C::ContextStandalonePatient, "patient/*.rs", Opened::Ehr, false),
            (C::ContextStandalonePatient, "launch/patient", Opened::Either, false),
            (C::ContextEhrEncounter, "launch/encounter", Opened::Ehr, true),
            (C::ContextEhrEncounter, "launch/encounter", Opened::Standalone, false),
            (C::LaunchEhr, "launch", Opened::Either, true),
            (C::SsoOpenidConnect, "openid", Opened::Either, true),
            (C::PermissionOnline, "offline_access", Opened::Either, false),
        ] {
            let found = missing(off, scope, opened);
            assert_eq!(found, expected.then_some(off), "{off} {scope} {opened:?}");
        }
    }
}
