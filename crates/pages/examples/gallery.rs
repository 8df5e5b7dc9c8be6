//! Writes every page in every state as a file, to be looked at: `gallery DIR`.

#[path = "samples/mod.rs"]
mod samples;

use std::{fs, io, path::Path};

use fireward_pages::{Language, assets};

fn main() -> io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "target/gallery".to_owned());
    let folder = Path::new(&folder);
    for name in ["fireward.css", "fireward.js", "mark.svg", "favicon.svg"] {
        let path = folder.join(assets::href(name).trim_start_matches('/'));
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        let hash = path.iter().rev().nth(1).and_then(|hash| hash.to_str()).unwrap_or_default();
        fs::write(&path, assets::find(hash, name).map(|asset| asset.bytes).unwrap_or_default())?;
    }
    for lang in Language::ALL {
        for sample in samples::all(lang, &str::to_owned) {
            let html = sample.html.replace("\"/assets/", "\"assets/");
            fs::write(folder.join(format!("{}.{}.html", sample.name, lang.tag())), html)?;
        }
    }
    Ok(())
}
