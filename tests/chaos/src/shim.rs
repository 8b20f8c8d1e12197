//! Faults below the server: a small library in front of libc, compiled when a run needs it.

use crate::{Doing, Error, Keeper, Result};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCE: &str = include_str!("../shim/faults.c");

/// The places of the control file, as in `struct control`.
#[derive(Debug, Clone, Copy)]
enum Place {
    Fail = 0,
    StepMs = 1,
    Syncs = 2,
    Failed = 3,
}

/// The library and its controls, which work at once on a server that runs with it.
#[derive(Debug)]
pub struct Shim {
    library: PathBuf,
    path: PathBuf,
    control: File,
    kept: PathBuf,
}

impl Shim {
    /// Compiles it.
    ///
    /// # Errors
    /// When there is no C compiler.
    pub fn build(keeper: &Keeper) -> Result<Self> {
        let folder = keeper.folder().join("shim");
        let kept = folder.join("kept");
        std::fs::create_dir_all(&kept).doing("making a folder for the shim")?;
        let (source, library, path) = (folder.join("faults.c"), folder.join("faults.so"), folder.join("control"));
        std::fs::write(&source, SOURCE).doing("writing the shim")?;
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", "-o"]).arg(&library).arg(&source);
        let output = compiler.arg("-ldl").output().doing("starting cc")?;
        if !output.status.success() {
            return Err(Error::new(format!("cc: {}", String::from_utf8_lossy(&output.stderr))));
        }
        let mut options = OpenOptions::new();
        let control = options.read(true).write(true).create_new(true).open(&path).doing("making the control file")?;
        control.set_len(4_096)?;
        Ok(Self { library, path, control, kept })
    }

    /// The variables that put it in front of a server.
    #[must_use]
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        vec![("LD_PRELOAD", text(&self.library)), ("CHAOS_CONTROL", text(&self.path))]
    }

    /// From now on no sync succeeds, or all do.
    ///
    /// # Errors
    /// When the control file is gone.
    pub fn fail_syncs(&self, fail: bool) -> Result<()> {
        self.write(Place::Fail, i64::from(fail))
    }

    /// From now on the clock of the day is so many milliseconds away from the true one.
    ///
    /// # Errors
    /// When the control file is gone.
    pub fn step_clock(&self, ms: i64) -> Result<()> {
        self.write(Place::StepMs, ms)
    }

    /// How many syncs there were, and how many of them were made to fail.
    ///
    /// # Errors
    /// When the control file is gone.
    pub fn syncs(&self) -> Result<(i64, i64)> {
        Ok((self.read(Place::Syncs)?, self.read(Place::Failed)?))
    }

    /// The folder for what would be left after a power cut; `CHAOS_KEPT` of a server that is to be cut.
    #[must_use]
    pub fn kept(&self) -> &Path {
        &self.kept
    }

    fn write(&self, place: Place, value: i64) -> Result<()> {
        self.control.write_all_at(&value.to_ne_bytes(), place as u64 * 8).doing("writing the control file")
    }

    fn read(&self, place: Place) -> Result<i64> {
        let mut bytes = [0; 8];
        self.control.read_exact_at(&mut bytes, place as u64 * 8).doing("reading the control file")?;
        Ok(i64::from_ne_bytes(bytes))
    }
}
