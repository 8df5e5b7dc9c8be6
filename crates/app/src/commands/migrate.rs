//! `fireward migrate`.

use clap::Args;

use super::{place::Place, say};
use crate::fault::Fault;

/// Bring a database to this version's schema. `serve` does it too, at its start.
#[derive(Debug, Args)]
pub(crate) struct Migrate {
    #[command(flatten)]
    place: Place,
}

impl Migrate {
    pub(super) async fn run(self) -> Result<(), Fault> {
        self.place.open().await?;
        say("the database is at this version's schema");
        Ok(())
    }
}
