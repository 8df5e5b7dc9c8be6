//! Where somebody goes after signing in by themselves: a closed list, so that no address of a stranger's is on it.

/// A page that one signs in for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Destination {
    /// The start of the account.
    #[default]
    Account,
    /// The connected apps.
    Apps,
    /// Who looked at a record.
    Looks,
    /// The sessions and devices.
    Devices,
    /// Choosing a new password.
    Password,
}

impl Destination {
    /// Every destination.
    pub const VARIANTS: [Self; 5] =
        [Self::Account, Self::Apps, Self::Looks, Self::Devices, Self::Password];

    /// As the address of the sign-in page names it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Apps => "apps",
            Self::Looks => "looks",
            Self::Devices => "devices",
            Self::Password => "password",
        }
    }

    /// The destination of that name; the start of the account for any other.
    #[must_use]
    pub fn named(text: &str) -> Self {
        Self::VARIANTS.into_iter().find(|one| one.as_str() == text).unwrap_or_default()
    }

    /// Its path, below the issuer's.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Account => "/account",
            Self::Apps => "/account/apps",
            Self::Looks => "/account/looks",
            Self::Devices => "/account/devices",
            Self::Password => "/account/password",
        }
    }

    /// The path of the sign-in page that leads there.
    #[must_use]
    pub fn sign_in(self) -> String {
        format!("/login?for={}", self.as_str())
    }
}
