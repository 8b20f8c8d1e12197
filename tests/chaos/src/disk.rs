//! A small disk that can be filled: a file system in memory, for root only.

use crate::{Doing, Error, Keeper, Result};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const NO_SPACE: i32 = 28;

/// A mounted file system of a fixed size. The keeper unmounts it.
#[derive(Debug)]
pub struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// Mounts one of so many bytes.
    ///
    /// # Errors
    /// Without root, or where mounting is forbidden.
    pub fn mount(keeper: &Keeper, bytes: u64) -> Result<Self> {
        let folder = keeper.folder().join("disk");
        std::fs::create_dir(&folder).doing("making a folder for the disk")?;
        let size = format!("size={bytes},mode=755");
        let mut command = Command::new("mount");
        let output = command
            .args(["-t", "tmpfs", "-o", &size, "examhall-chaos"])
            .arg(&folder)
            .output()
            .doing("starting mount")?;
        if !output.status.success() {
            let reason = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(Error::new(format!("a full disk needs root, to mount a small one: {reason}")));
        }
        keeper.watch_mount(&folder)?;
        Ok(Self { folder })
    }

    /// Where it is mounted.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Fills it to the last byte; how many that took.
    ///
    /// # Errors
    /// When it fails for another reason than being full.
    pub fn fill(&self) -> Result<u64> {
        let mut ballast =
            File::options().create(true).append(true).open(self.ballast()).doing("opening the ballast")?;
        let mut written = 0;
        for size in [1 << 20, 4_096, 1] {
            let piece = vec![0x5a; size];
            loop {
                match ballast.write(&piece) {
                    Ok(0) => break,
                    Ok(count) => written += count as u64,
                    Err(error) if error.raw_os_error() == Some(NO_SPACE) => break,
                    Err(error) => return Err(Error::new(format!("filling the disk: {error}"))),
                }
            }
        }
        Ok(written)
    }

    /// Frees what filling took.
    ///
    /// # Errors
    /// When nothing was filled.
    pub fn free(&self) -> Result<()> {
        // Emptied first: what is removed keeps its space as long as anybody has it open.
        let ballast = File::options().write(true).open(self.ballast()).doing("opening the ballast")?;
        ballast.set_len(0).doing("emptying the ballast")?;
        std::fs::remove_file(self.ballast()).doing("removing the ballast")
    }

    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }
}
