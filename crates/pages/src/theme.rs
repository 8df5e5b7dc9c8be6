//! An organisation's own accent: a style sheet of tokens, made only when people can read what it colours.

use std::fmt::Write;

use thiserror::Error;

/// Why a colour is not taken as an accent.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum Unfit {
    /// It is not written as `#rrggbb`.
    #[error("the accent must be a colour such as #12594a")]
    NotAColour,
    /// White words on it, or words of it on white, are too faint (WCAG 2.2 §1.4.3).
    #[error(
        "the accent's contrast with white is {0:.1} to 1 and must be at least {LEAST} to 1: choose a darker one"
    )]
    TooFaint(f64),
}

/// The least contrast between words and their ground. A little more than WCAG asks, since the ground is not quite white.
const LEAST: f64 = 4.9;

/// The tokens for `accent`, written `#rrggbb`: as it is on light ground, lightened on dark ground.
///
/// # Errors
///
/// [`Unfit`] says what is wrong with the colour.
pub fn style_sheet(accent: &str) -> Result<String, Unfit> {
    let accent = Colour::parse(accent).ok_or(Unfit::NotAColour)?;
    let contrast = accent.contrast(WHITE);
    if contrast < LEAST {
        return Err(Unfit::TooFaint(contrast));
    }
    let mut sheet = String::from(":root {\n");
    tokens(&mut sheet, [accent, accent.towards(BLACK, 0.25), accent.towards(WHITE, 0.9), WHITE]);
    sheet.push_str("}\n@media (prefers-color-scheme: dark) {\n:root {\n");
    let light = lightened(accent);
    tokens(&mut sheet, [light, light.towards(WHITE, 0.3), DARK.towards(light, 0.15), DARK]);
    sheet.push_str("}\n}\n");
    Ok(sheet)
}

fn tokens(sheet: &mut String, [accent, strong, soft, on]: [Colour; 4]) {
    let names =
        [("accent", accent), ("accent-strong", strong), ("accent-soft", soft), ("on-accent", on)];
    for (name, Colour([red, green, blue])) in names {
        // Writing to a `String` does not fail.
        let _ = writeln!(sheet, "  --{name}: #{red:02x}{green:02x}{blue:02x};");
    }
}

/// Lightened until it can be read on the dark ground, and the dark ground on it.
fn lightened(accent: Colour) -> Colour {
    let steps = (0..=10).map(|step| accent.towards(WHITE, f64::from(step) / 10.0));
    steps.into_iter().find(|tint| tint.contrast(DARK) >= 7.0).unwrap_or(WHITE)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Colour([u8; 3]);

const WHITE: Colour = Colour([255; 3]);
const BLACK: Colour = Colour([0; 3]);
/// `--surface` in the dark.
const DARK: Colour = Colour([0x17, 0x1e, 0x1b]);

impl Colour {
    fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|d| d.len() == 6)?;
        let number = digits.chars().all(|c| c.is_ascii_hexdigit()).then_some(digits)?;
        let [_, red, green, blue] = u32::from_str_radix(number, 16).ok()?.to_be_bytes();
        Some(Self([red, green, blue]))
    }

    /// This much of the way to another colour.
    fn towards(self, other: Self, part: f64) -> Self {
        let mut mixed = self;
        for (own, theirs) in mixed.0.iter_mut().zip(other.0) {
            *own = mix(*own, theirs, part);
        }
        mixed
    }

    /// The contrast ratio of WCAG 2.2: 1 to 21.
    fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// The relative luminance of WCAG 2.2.
    fn luminance(self) -> f64 {
        let Self([red, green, blue]) = self;
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between two bytes")]
fn mix(from: u8, to: u8, part: f64) -> u8 {
    (f64::from(from) + (f64::from(to) - f64::from(from)) * part).round() as u8
}

fn linear(channel: u8) -> f64 {
    let share = f64::from(channel) / 255.0;
    if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_accent_that_cannot_be_read_is_refused() {
        assert!(matches!(style_sheet("#ffcc00"), Err(Unfit::TooFaint(ratio)) if ratio < 2.0));
        for bad in ["red", "#12594", "#12594aa", "#12594g", "12594a", "#+1+2+3"] {
            assert_eq!(style_sheet(bad), Err(Unfit::NotAColour), "{bad}");
        }
    }

    #[test]
    fn an_accent_is_readable_on_light_and_dark() {
        for accent in ["#12594a", "#000000", "#0000ff", "#7a0046", "#33559b"] {
            let sheet = style_sheet(accent).unwrap();
            assert!(sheet.contains(&format!("--accent: {accent};")));
            let light = lightened(Colour::parse(accent).unwrap());
            assert!(light.contrast(DARK) >= 7.0, "{accent}");
        }
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        assert!((WHITE.contrast(BLACK) - 21.0).abs() < 1e-9);
        assert!((Colour([0x76; 3]).contrast(WHITE) - 4.54).abs() < 0.01);
    }
}
