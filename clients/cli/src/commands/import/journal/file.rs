//! The file of the journal: found, locked, read, and written to.
//!
//! Records are written at once, so that they outlive a killed process, and flushed to the disk about once a
//! second, so that a machine that loses power forgets no more than that.

use super::record::{header, read, write, Known, SIZE};
use crate::failure::{Code, Failure};
use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub struct Journal {
    path: PathBuf,
    known: HashMap<[u8; 16], Known>,
    /// None for a dry run, which only reads.
    file: Option<File>,
    flushed: Instant,
}

/// Where the journal of an import is if `--journal` does not say it.
pub fn default_path(import: &str) -> Result<PathBuf, Failure> {
    use sha2::{Digest, Sha256};
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let state = match (set("XDG_STATE_HOME"), set("HOME")) {
        (Some(state), _) => PathBuf::from(state),
        (None, Some(home)) => Path::new(&home).join(".local/state"),
        (None, None) => {
            return Err(
                Failure::usage("there is no HOME to keep the journal of the import in")
                    .hint("Name a file with --journal."),
            )
        }
    };
    let name = data_encoding::HEXLOWER.encode(&Sha256::digest(import)[..8]);
    Ok(state.join("sessionctl").join(format!("import-{name}")))
}

impl Journal {
    /// Opens the journal of this import, and makes it if there is none.
    ///
    /// # Errors
    ///
    /// It cannot be read or made, another run uses it, or it belongs to another import.
    pub fn open(path: PathBuf, import: &str, dry_run: bool) -> Result<Journal, Failure> {
        let failed = |error: std::io::Error| unusable(&path, &error);
        let mut file = if dry_run {
            match File::open(&path) {
                Ok(file) => file,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    return Ok(Journal::new(path, HashMap::new(), None));
                }
                Err(error) => return Err(failed(error)),
            }
        } else {
            make_folder(&path).map_err(failed)?;
            let file = create(&path).map_err(failed)?;
            file.try_lock().map_err(|error| match error {
                TryLockError::WouldBlock => Failure::usage(format!(
                    "another run of this import uses the journal {}",
                    path.display()
                ))
                .hint("Wait until it ends, or stop it."),
                TryLockError::Error(error) => failed(error),
            })?;
            file
        };
        let mut content = Vec::new();
        file.read_to_end(&mut content).map_err(failed)?;
        let header = header(import);
        // The header itself may be torn.
        let torn = content.len() < SIZE && header.starts_with(&content);
        if !torn && !content.starts_with(&header) {
            return Err(Failure::usage(format!(
                "{} is the journal of another import, or none",
                path.display()
            ))
            .hint("It belongs to one source, target, store and prefixes, named in the same way each time. Name another file with --journal."));
        }
        let whole = content.len() / SIZE * SIZE;
        if !dry_run {
            file.set_len(whole as u64).map_err(failed)?;
            if torn {
                file.write_all(&header).map_err(failed)?;
            }
        }
        let records = content[..whole].chunks_exact(SIZE).skip(1);
        let known = records
            .filter_map(|record| read(record.try_into().ok()?))
            .collect();
        Ok(Journal::new(path, known, (!dry_run).then_some(file)))
    }

    fn new(path: PathBuf, known: HashMap<[u8; 16], Known>, file: Option<File>) -> Journal {
        Journal {
            path,
            known,
            file,
            flushed: Instant::now(),
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn get(&self, hash: &[u8; 16]) -> Option<Known> {
        self.known.get(hash).copied()
    }

    /// Everything that is remembered.
    pub fn all(&self) -> impl Iterator<Item = (&[u8; 16], &Known)> {
        self.known.iter()
    }

    /// Remembers these, before anything that comes after.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn put(&mut self, records: &[([u8; 16], Known)]) -> Result<(), Failure> {
        if records.is_empty() {
            return Ok(());
        }
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        let mut bytes = Vec::with_capacity(records.len() * SIZE);
        for (hash, known) in records {
            bytes.extend(write(hash, *known));
        }
        let written = file.write_all(&bytes).and_then(|()| {
            if self.flushed.elapsed() < Duration::from_secs(1) {
                return Ok(());
            }
            self.flushed = Instant::now();
            file.sync_data()
        });
        written.map_err(|error| Failure {
            code: Code::Server,
            ..unusable(&self.path, &error)
        })?;
        self.known.extend(records.iter().copied());
        Ok(())
    }

    /// Flushes everything to the disk.
    pub fn flush(&self) -> Result<(), Failure> {
        match &self.file {
            None => Ok(()),
            Some(file) => file
                .sync_data()
                .map_err(|error| unusable(&self.path, &error)),
        }
    }
}

fn unusable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!(
        "the journal {} cannot be used: {error}",
        path.display()
    ))
    .hint("Make room, or name another file with --journal.")
}

fn make_folder(path: &Path) -> std::io::Result<()> {
    let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    else {
        return Ok(());
    };
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn create(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).read(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
