//! The Fluent catalogues, embedded, each read when it is first needed.

use std::{borrow::Cow, sync::LazyLock};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

use super::{Language, pseudo};

type Bundle = FluentBundle<FluentResource>;

pub(super) const ENGLISH: &str = include_str!("../../../../templates/lang/en.ftl");
pub(super) const AMERICAN: &str = include_str!("../../../../templates/lang/en-US.ftl");
pub(super) const EHR: &str = include_str!("../../../../templates/ehr/en.ftl");
pub(super) const EHR_SPANISH: &str = include_str!("../../../../templates/ehr/es.ftl");
pub(super) const SPANISH: &str = include_str!("../../../../templates/lang/es.ftl");

static BUNDLES: [LazyLock<Bundle>; 5] = [
    LazyLock::new(|| bundle("en", &[ENGLISH, EHR], None)),
    LazyLock::new(|| bundle("en", &[ENGLISH, EHR, AMERICAN], None)),
    LazyLock::new(|| bundle("es", &[SPANISH, EHR_SPANISH], None)),
    LazyLock::new(|| bundle("en", &[ENGLISH, EHR], Some(pseudo::accent))),
    LazyLock::new(|| bundle("en", &[ENGLISH, EHR], Some(pseudo::mirror))),
];

fn of(lang: Language) -> &'static Bundle {
    let [english, american, spanish, accented, mirrored] = &BUNDLES;
    match lang {
        Language::English => english,
        Language::AmericanEnglish => american,
        Language::Spanish => spanish,
        Language::Accented => accented,
        Language::Mirrored => mirrored,
    }
}

fn bundle(locale: &str, sources: &[&str], transform: Option<fn(&str) -> Cow<'_, str>>) -> Bundle {
    let locale = locale.parse().into_iter().collect();
    let mut bundle = Bundle::new_concurrent(locale);
    // `Language::quote` isolates what needs it; isolating every number would litter the page.
    bundle.set_use_isolating(false);
    bundle.set_transform(transform);
    for source in sources {
        // A catalogue with an error still gives all its other strings; a test refuses it.
        let resource = FluentResource::try_new((*source).to_owned());
        bundle.add_resource_overriding(resource.unwrap_or_else(|(good, _)| good));
    }
    bundle
}

/// The words for `key`: in English where a language lacks it, and the key itself where English does.
pub(super) fn say(lang: Language, key: &str, args: &[(&str, FluentValue<'_>)]) -> String {
    let args: FluentArgs<'_> = args.iter().map(|(name, value)| (*name, value.clone())).collect();
    [lang, Language::English]
        .into_iter()
        .find_map(|lang| format(of(lang), key, &args))
        .unwrap_or_else(|| key.to_owned())
}

fn format(bundle: &Bundle, key: &str, args: &FluentArgs<'_>) -> Option<String> {
    let pattern = bundle.get_message(key)?.value()?;
    Some(bundle.format_pattern(pattern, Some(args), &mut Vec::new()).into_owned())
}

#[cfg(test)]
/// Whether the language has words for the key, without falling back.
pub(super) fn knows(lang: Language, key: &str) -> bool {
    of(lang).get_message(key).is_some_and(|message| message.value().is_some())
}
