//! What outlives the process: rows of JSON and blobs, in redb. A step is one transaction.
//!
//! Left out on purpose: queries. Everything but the blobs is in memory while the cloud runs;
//! the store is written at each change and read at the start.

mod blobs;
mod table;

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::path::Path;

use bytes::Bytes;
use redb::backends::InMemoryBackend;
use redb::{Database, Durability, ReadableDatabase, ReadableTable, TableDefinition, TableError};

use crate::files;

pub use blobs::Blobs;
pub use table::{Part, Rows, Table};

/// (place, table, row) → JSON.
const ROWS: TableDefinition<'_, (&str, &str, &str), &[u8]> = TableDefinition::new("rows");
/// SHA-256 in hex → bytes.
const BLOBS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("blobs");
const FILE: &str = "cloud.redb";
/// Everything but the blobs is in memory anyway.
const CACHE_BYTES: usize = 4 << 20;

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("another process has {0} open: `slp local` or `slp dev` may be running")]
    Busy(String),
    #[error("{0} cannot be opened: {1}")]
    Open(String, String),
    #[error("the embedded cloud cannot keep its data: {0}")]
    Broken(String),
    #[error(
        "the embedded cloud's data has rows of `{0}`, which this slp does not know: use the slp \
         that wrote it, or delete .slp/local"
    )]
    Foreign(String),
}

fn broken(error: impl std::fmt::Display) -> StoreError {
    StoreError::Broken(error.to_string())
}

/// When a step outlives the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasting {
    /// It is on disk when the step is over.
    Now,
    /// With the next step that is, `Store::settle`, or the store's end; it waits for no disk.
    Soon,
}

/// Where a row is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// A region, or "" for what has none.
    pub place: String,
    /// `iam.roles`.
    pub table: String,
    pub row: String,
}

impl Key {
    pub fn new(place: &str, table: &str, row: &str) -> Key {
        Key {
            place: place.to_owned(),
            table: table.to_owned(),
            row: row.to_owned(),
        }
    }

    fn stored(&self) -> (&str, &str, &str) {
        (&self.place, &self.table, &self.row)
    }
}

/// The file in a folder that only its owner may enter: it holds every secret as it is. What others
/// were allowed before is taken away.
fn make_private(folder: &Path, path: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    files::make_private(folder)?;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    files::private(&mut options).open(path)?;
    files::make_private(path)
}

/// The open store.
pub struct Store {
    database: Database,
}

impl Store {
    /// Opens or begins `folder/cloud.redb`.
    pub fn open(folder: &Path) -> Result<Store, StoreError> {
        let path = folder.join(FILE);
        let name = path.display().to_string();
        let failed =
            |error: &dyn std::fmt::Display| StoreError::Open(name.clone(), error.to_string());
        make_private(folder, &path).map_err(|error| failed(&error))?;
        let opened = Database::builder()
            .set_cache_size(CACHE_BYTES)
            .create(&path);
        match opened {
            Ok(database) => Ok(Store { database }),
            Err(redb::DatabaseError::DatabaseAlreadyOpen) => Err(StoreError::Busy(name)),
            Err(error) => Err(failed(&error)),
        }
    }

    pub fn in_memory() -> Result<Store, StoreError> {
        let builder = Database::builder().create_with_backend(InMemoryBackend::new());
        builder.map(|database| Store { database }).map_err(broken)
    }

    /// Hands every row to `take`.
    pub fn each(
        &self,
        mut take: impl FnMut(Key, &[u8]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let read = self.database.begin_read().map_err(broken)?;
        let rows = match read.open_table(ROWS) {
            Ok(rows) => rows,
            Err(TableError::TableDoesNotExist(_)) => return Ok(()),
            Err(error) => return Err(broken(error)),
        };
        for row in rows.iter().map_err(broken)? {
            let (key, value) = row.map_err(broken)?;
            let (place, table, row) = key.value();
            take(Key::new(place, table, row), value.value())?;
        }
        Ok(())
    }

    pub fn read(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        let read = self.database.begin_read().map_err(broken)?;
        match read.open_table(ROWS) {
            Ok(rows) => {
                let found = rows.get(key.stored()).map_err(broken)?;
                Ok(found.map(|value| value.value().to_vec()))
            }
            Err(TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(broken(error)),
        }
    }

    pub fn blob(&self, digest: &str) -> Result<Option<Bytes>, StoreError> {
        let read = self.database.begin_read().map_err(broken)?;
        match read.open_table(BLOBS) {
            Ok(blobs) => {
                let found = blobs.get(digest).map_err(broken)?;
                Ok(found.map(|value| Bytes::copy_from_slice(value.value())))
            }
            Err(TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(broken(error)),
        }
    }

    /// Writes rows (`None` takes one away) and blobs, all or nothing.
    pub fn write(
        &self,
        changes: Vec<(Key, Option<Vec<u8>>)>,
        blobs: Blobs,
        lasting: Lasting,
    ) -> Result<(), StoreError> {
        if changes.is_empty() && blobs.is_empty() {
            return Ok(());
        }
        let mut write = self.database.begin_write().map_err(broken)?;
        if lasting == Lasting::Soon {
            write.set_durability(Durability::None).map_err(broken)?;
        }
        {
            let mut rows = write.open_table(ROWS).map_err(broken)?;
            for (key, bytes) in changes {
                match bytes {
                    Some(bytes) => rows
                        .insert(key.stored(), bytes.as_slice())
                        .map_err(broken)?,
                    None => rows.remove(key.stored()).map_err(broken)?,
                };
            }
            let mut kept = write.open_table(BLOBS).map_err(broken)?;
            for (digest, bytes) in blobs.iter() {
                kept.insert(digest, bytes.as_ref()).map_err(broken)?;
            }
        }
        write.commit().map_err(broken)
    }

    /// Another one in memory that holds the same.
    #[cfg(test)]
    pub fn twin(&self) -> Result<Store, StoreError> {
        let mut rows = Vec::new();
        self.each(|key, bytes| {
            rows.push((key, Some(bytes.to_vec())));
            Ok(())
        })?;
        let mut kept = Blobs::default();
        let read = self.database.begin_read().map_err(broken)?;
        if let Ok(blobs) = read.open_table(BLOBS) {
            for blob in blobs.iter().map_err(broken)? {
                let (_, bytes) = blob.map_err(broken)?;
                kept.add(Bytes::copy_from_slice(bytes.value()));
            }
        }
        let twin = Store::in_memory()?;
        twin.write(rows, kept, Lasting::Now)?;
        Ok(twin)
    }

    /// Makes what was written with `Lasting::Soon` outlive the process.
    pub fn settle(&self) -> Result<(), StoreError> {
        let write = self.database.begin_write().map_err(broken)?;
        write.commit().map_err(broken)
    }

    /// Removes the blobs that nothing names any more.
    pub fn sweep(&self, named: &BTreeSet<String>) -> Result<(), StoreError> {
        let mut lost = Vec::new();
        let read = self.database.begin_read().map_err(broken)?;
        match read.open_table(BLOBS) {
            Ok(blobs) => {
                for blob in blobs.iter().map_err(broken)? {
                    let (digest, _) = blob.map_err(broken)?;
                    if !named.contains(digest.value()) {
                        lost.push(digest.value().to_owned());
                    }
                }
            }
            Err(TableError::TableDoesNotExist(_)) => return Ok(()),
            Err(error) => return Err(broken(error)),
        }
        if lost.is_empty() {
            return Ok(());
        }
        let write = self.database.begin_write().map_err(broken)?;
        {
            let mut blobs = write.open_table(BLOBS).map_err(broken)?;
            for digest in &lost {
                blobs.remove(digest.as_str()).map_err(broken)?;
            }
        }
        write.commit().map_err(broken)
    }
}
