//! A table in memory that knows which of its rows the store has not seen yet.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{StoreError, broken};

/// Rows by key, in order.
pub struct Table<T> {
    rows: BTreeMap<String, T>,
    touched: BTreeSet<String>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Table {
            rows: BTreeMap::new(),
            touched: BTreeSet::new(),
        }
    }
}

impl<T> Table<T> {
    pub fn get(&self, row: &str) -> Option<&T> {
        self.rows.get(row)
    }

    /// To change a row in place. What is asked for counts as changed.
    pub fn get_mut(&mut self, row: &str) -> Option<&mut T> {
        let found = self.rows.get_mut(row)?;
        self.touched.insert(row.to_owned());
        Some(found)
    }

    pub fn insert(&mut self, row: impl Into<String>, value: T) -> Option<T> {
        let row = row.into();
        self.touched.insert(row.clone());
        self.rows.insert(row, value)
    }

    pub fn remove(&mut self, row: &str) -> Option<T> {
        let removed = self.rows.remove(row)?;
        self.touched.insert(row.to_owned());
        Some(removed)
    }

    pub fn contains(&self, row: &str) -> bool {
        self.rows.contains_key(row)
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &T)> {
        self.rows.iter().map(|(row, value)| (row.as_str(), value))
    }

    /// The rows whose key begins with `prefix`, in order.
    pub fn under<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a T)> {
        let rows = self.rows.range(prefix.to_owned()..);
        rows.map(|(row, value)| (row.as_str(), value))
            .take_while(move |(row, _)| row.starts_with(prefix))
    }

    /// Removes those rows.
    pub fn remove_under(&mut self, prefix: &str) {
        let rows: Vec<String> = self.under(prefix).map(|(row, _)| row.to_owned()).collect();
        for row in rows {
            self.remove(&row);
        }
    }

    pub fn values(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.values()
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }
}

/// A row and its bytes; `None` where it is gone.
pub type Drained = (String, Option<Vec<u8>>);

/// A table as the store sees it.
pub trait Rows {
    /// Takes a row from the store.
    fn load(&mut self, row: &str, bytes: &[u8]) -> Result<(), StoreError>;
    /// The rows touched since the last time, with their bytes; `None` where one is gone.
    fn drain(&mut self) -> Result<Vec<Drained>, StoreError>;
    /// The keys touched since the last time.
    fn touched(&mut self) -> Vec<String>;
    /// Puts a row back as the store has it.
    fn restore(&mut self, row: &str, bytes: Option<&[u8]>) -> Result<(), StoreError>;
}

impl<T: Serialize + DeserializeOwned> Rows for Table<T> {
    fn load(&mut self, row: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let value = serde_json::from_slice(bytes).map_err(broken)?;
        self.rows.insert(row.to_owned(), value);
        Ok(())
    }

    fn drain(&mut self) -> Result<Vec<Drained>, StoreError> {
        let touched = std::mem::take(&mut self.touched);
        let bytes = |row: String| match self.rows.get(&row) {
            Some(value) => Ok((row, Some(serde_json::to_vec(value).map_err(broken)?))),
            None => Ok((row, None)),
        };
        touched.into_iter().map(bytes).collect()
    }

    fn touched(&mut self) -> Vec<String> {
        std::mem::take(&mut self.touched).into_iter().collect()
    }

    fn restore(&mut self, row: &str, bytes: Option<&[u8]>) -> Result<(), StoreError> {
        match bytes {
            Some(bytes) => self.load(row, bytes),
            None => {
                self.rows.remove(row);
                Ok(())
            }
        }
    }
}

/// One service's tables, such as `iam.roles`.
pub trait Part {
    /// Their names and themselves, always in the same order.
    fn tables(&mut self) -> Vec<(&'static str, &mut dyn Rows)>;

    /// The digests of the blobs that its rows name.
    fn blobs(&self) -> Vec<String> {
        Vec::new()
    }

    fn table(&mut self, name: &str) -> Option<&mut dyn Rows> {
        let found = self.tables().into_iter().find(|(table, _)| *table == name);
        found.map(|(_, table)| table)
    }

    fn owns(&mut self, name: &str) -> bool {
        self.table(name).is_some()
    }
}
