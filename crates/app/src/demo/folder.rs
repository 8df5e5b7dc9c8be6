//! The demo's folder: two databases, the master key, and the keys of the demo EHR and of the backend services.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use fireward_jose::{Algorithm, SigningKey, b64, backend::rand::SecureRandom};
use fireward_keys::{MasterKey, generate};
use fireward_oauth::Entropy;

use crate::{backend, fault::Fault};

/// The authorization server's database in a demo's folder.
pub(crate) const AUTH_DATABASE: &str = "auth.db";
/// The FHIR server's database in a demo's folder.
pub(crate) const FHIR_DATABASE: &str = "fhir.db";
/// The database of the second FHIR server in a demo's folder.
pub(crate) const LABORATORY_DATABASE: &str = "laboratory.db";
/// The key that signing keys are sealed under.
pub(crate) const MASTER_KEY: &str = "master.key";
const EHR_KEY: &str = "demo-ehr.key";
const BACKEND_KEY: &str = "demo-backend.pem";
const STATE_KEY: &str = "app-state.key";

/// A demo's folder.
#[derive(Debug, Clone)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Opens it, and makes it where it is not there.
    ///
    /// # Errors
    /// When it cannot be made or written to.
    pub(crate) fn open(path: &Path) -> Result<Self, Fault> {
        // Its files are nobody else's business. A folder that is there keeps the mode that it was given.
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(|why| Fault::file("create the folder", path, &why))?;
        let probe = path.join(".writable");
        fs::write(&probe, []).map_err(|why| Fault::file("write to the folder", path, &why))?;
        drop(fs::remove_file(&probe));
        Ok(Self(path.to_owned()))
    }

    /// A file in it.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The database URL of a file in it.
    pub(crate) fn database(&self, name: &str) -> String {
        self.file(name).to_string_lossy().into_owned()
    }

    /// The master key: the one that is there, or a fresh one.
    pub(crate) fn master_key(&self, entropy: &dyn Entropy) -> Result<MasterKey, Fault> {
        let text = self.secret(MASTER_KEY, || Ok(b64::encode(entropy.draw::<32>())))?;
        let path = self.file(MASTER_KEY);
        MasterKey::parse(text.trim()).map_err(|why| Fault::file("use", path, &why))
    }

    /// The key that apps' state is sealed under: the one that is there, or a fresh one.
    pub(crate) fn state_key(&self, entropy: &dyn Entropy) -> Result<MasterKey, Fault> {
        self.secret(STATE_KEY, || Ok(b64::encode(entropy.draw::<32>())))?;
        crate::app_state::key_in(&self.file(STATE_KEY))
    }

    /// The demo EHR's key for its client assertions.
    pub(crate) fn ehr_key(&self, random: &dyn SecureRandom) -> Result<SigningKey, Fault> {
        let text = self.secret(EHR_KEY, || {
            let der =
                generate(Algorithm::ES384, random).map_err(|why| Fault::Other(why.to_string()))?;
            Ok(b64::encode(&*der))
        })?;
        let wrong = |why: &dyn ToString| Fault::file("use", self.file(EHR_KEY), &why.to_string());
        let der = b64::decode(text.trim()).map_err(|why| wrong(&why))?;
        SigningKey::from_pkcs8(Algorithm::ES384, "demo-ehr-1", &der, random)
            .map_err(|why| wrong(&why))
    }

    /// The key of the demo's backend services, in the form that `fireward export` takes.
    pub(crate) fn backend_key(&self, random: &dyn SecureRandom) -> Result<SigningKey, Fault> {
        let pem = self.secret(BACKEND_KEY, || {
            backend::new_pem(Algorithm::ES384, random).map_err(Fault::Other)
        })?;
        let key = backend::from_pem(&pem, None, random);
        key.map_err(|why| Fault::file("use", self.file(BACKEND_KEY), &why))
    }

    /// A secret file for its owner's eyes alone; made once and then kept.
    fn secret(
        &self,
        name: &str,
        make: impl FnOnce() -> Result<String, Fault>,
    ) -> Result<String, Fault> {
        let path = self.file(name);
        if path.exists() {
            return crate::config::read(&path);
        }
        let text = make()?;
        let opened = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let written = opened.and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
        written.map_err(|why| Fault::file("write", &path, &why))?;
        Ok(text)
    }
}
