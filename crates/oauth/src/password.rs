//! Which passwords people may choose (NIST SP 800-63B §3.1.1.2): long ones, of any characters; none that everybody guesses.

/// The least length, in characters.
pub const SHORTEST: usize = 8;
/// The greatest length, in characters: passphrases fit, and hashing stays bounded.
pub const LONGEST: usize = 256;

/// Why a password cannot be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unfit {
    /// Shorter than [`SHORTEST`].
    Short,
    /// Longer than [`LONGEST`].
    Long,
    /// The user name, with or without digits and signs around it.
    UserName,
    /// One of those that are tried first.
    Common,
}

/// Whether somebody of this user name may choose this password. There are no rules of composition.
///
/// # Errors
/// Why not.
pub fn check(password: &str, username: &str) -> Result<(), Unfit> {
    let length = password.chars().count();
    if length < SHORTEST {
        return Err(Unfit::Short);
    }
    if length > LONGEST {
        return Err(Unfit::Long);
    }
    let folded = password.to_lowercase();
    let username = username.trim().to_lowercase();
    if !username.is_empty() && (folded == username || bare(&folded) == bare(&username)) {
        return Err(Unfit::UserName);
    }
    if COMMON.contains(&folded.as_str()) || ROOTS.contains(&bare(&folded)) || is_run(&folded) {
        return Err(Unfit::Common);
    }
    Ok(())
}

/// Without the digits and signs around it.
fn bare(text: &str) -> &str {
    let bare = text.trim_matches(|c: char| !c.is_alphabetic());
    if bare.is_empty() { text } else { bare }
}

/// One character again and again, or one after another up or down: `aaaaaaaa`, `12345678`, `hgfedcba`.
fn is_run(text: &str) -> bool {
    let codes: Vec<i64> = text.chars().map(|c| i64::from(u32::from(c))).collect();
    let steps: Vec<i64> =
        codes.iter().zip(codes.iter().skip(1)).map(|(one, next)| next - one).collect();
    let first = steps.first().copied().unwrap_or_default();
    (-1..=1).contains(&first) && steps.iter().all(|step| *step == first)
}

/// What is left of the commonest passwords without digits and signs around them.
const ROOTS: [&str; 24] = [
    "password",
    "passwort",
    "contraseña",
    "contrasena",
    "passw0rd",
    "p@ssw0rd",
    "p@ssword",
    "welcome",
    "letmein",
    "iloveyou",
    "teamo",
    "qwerty",
    "qwertyuiop",
    "qwertz",
    "azerty",
    "asdfghjkl",
    "admin",
    "administrator",
    "changeme",
    "changeit",
    "sunshine",
    "princess",
    "football",
    "baseball",
];

/// Those of the commonest passwords that the roots and runs leave out.
const COMMON: [&str; 32] = [
    "1q2w3e4r",
    "1q2w3e4r5t",
    "1qaz2wsx",
    "1qaz@wsx",
    "zaq12wsx",
    "q1w2e3r4",
    "qazwsxedc",
    "qwer1234",
    "asdf1234",
    "asdfasdf",
    "zxcvbnm1",
    "abcd1234",
    "abc12345",
    "a1b2c3d4",
    "123qweasd",
    "12341234",
    "11112222",
    "12121212",
    "1234567890",
    "0123456789",
    "0987654321",
    "123123123",
    "987654321",
    "trustno1",
    "superman",
    "starwars",
    "whatever",
    "michelle",
    "jennifer",
    "computer",
    "secret123",
    "hospital",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_has_eight_characters_or_more_of_any_kind() {
        assert_eq!(check("seven77", "ana"), Err(Unfit::Short));
        assert_eq!(check("", "ana"), Err(Unfit::Short));
        for good in
            ["eightlet", "nur so buchstaben", "пароль на море", "        x", "🌊🌊🌊⛵⛵⛵🐟🐟"]
        {
            assert_eq!(check(good, "ana"), Ok(()), "{good}");
        }
        assert_eq!(check(&"ab".repeat(128), "ana"), Ok(()));
        assert_eq!(check(&"ab".repeat(129), "ana"), Err(Unfit::Long));
    }

    #[test]
    fn what_everybody_guesses_is_refused() {
        for common in [
            "password",
            "Password1!",
            "12345678",
            "0123456789",
            "87654321",
            "aaaaaaaa",
            "Welcome2026",
            "1Q2W3E4R",
            "abcdefgh",
        ] {
            assert_eq!(check(common, "ana"), Err(Unfit::Common), "{common}");
        }
        assert_eq!(check("password of the sea", "ana"), Ok(()));
    }

    #[test]
    fn the_user_name_is_no_password() {
        for own in ["clinician", "Clinician", "clinician2026!", "!!clinician"] {
            assert_eq!(check(own, "clinician"), Err(Unfit::UserName), "{own}");
        }
        assert_eq!(check("clinicians at sea", "clinician"), Ok(()));
        assert_eq!(check("19790304", "19790304"), Err(Unfit::UserName));
        assert_eq!(check("long enough to do", ""), Ok(()));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_judged_and_case_does_not_help(password in ".{0,300}", username in ".{0,40}") {
            let judged = check(&password, &username);
            let length = password.chars().count();
            proptest::prop_assert_eq!(judged == Err(Unfit::Short), length < SHORTEST);
            proptest::prop_assert_eq!(judged == Err(Unfit::Long), length > LONGEST);
        }
    }
}
