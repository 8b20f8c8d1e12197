//! Leaves nothing behind: a shell that ends what we started and removes what we made, also when we are killed ourselves.

use crate::{Doing, Error, Result};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Reads what there is until its input ends, which it does with our process, however that ends.
const SCRIPT: &str = r#"
trap '' INT TERM HUP
processes= mounts= folder=$1
while read -r what name; do
    case $what in
    process) processes="$processes $name" ;;
    ended) kept=; for one in $processes; do [ "$one" = "$name" ] || kept="$kept $one"; done; processes=$kept ;;
    mount) mounts="$mounts $name" ;;
    keep) folder= ;;
    esac
done
for one in $processes; do
    children=$(cat "/proc/$one/task/$one/children" 2>/dev/null)
    kill -9 $one 2>/dev/null
    for child in $children; do kill -9 "$child" 2>/dev/null; done
done
for one in $mounts; do umount -l "$one"; done
[ -z "$folder" ] || rm -rf "$folder"
"#;

/// The keeper of one run. Dropped, it ends all processes and removes the folder, and returns when that is done.
#[derive(Debug)]
pub struct Keeper {
    folder: PathBuf,
    shell: Mutex<Option<(Child, ChildStdin)>>,
}

impl Keeper {
    /// Makes an empty folder and the shell that removes it.
    ///
    /// # Errors
    /// When either cannot be had.
    pub fn new() -> Result<Arc<Self>> {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let name = format!("examhall_chaos_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).doing(format!("making {}", folder.display()))?;
        let mut command = Command::new("/bin/sh");
        command.args(["-c", SCRIPT, "keeper"]).arg(&folder).current_dir("/");
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        let mut shell = command.spawn().doing("starting /bin/sh")?;
        let input = shell.stdin.take().ok_or_else(|| Error::new("the shell has no input"))?;
        Ok(Arc::new(Self { folder, shell: Mutex::new(Some((shell, input))) }))
    }

    /// Where files of this run belong.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A process that must end with us, and its children.
    ///
    /// # Errors
    /// When the shell is gone.
    pub fn watch_process(&self, id: u32) -> Result<()> {
        self.tell(&format!("process {id}"))
    }

    /// A process that has ended and been waited for.
    ///
    /// # Errors
    /// When the shell is gone.
    pub fn forget_process(&self, id: u32) -> Result<()> {
        self.tell(&format!("ended {id}"))
    }

    /// A file system that must not stay mounted.
    ///
    /// # Errors
    /// When the shell is gone.
    pub fn watch_mount(&self, path: &Path) -> Result<()> {
        self.tell(&format!("mount {}", path.display()))
    }

    /// Lets the folder stay, for a look at databases and logs.
    ///
    /// # Errors
    /// When the shell is gone.
    pub fn keep_folder(&self) -> Result<()> {
        self.tell("keep")
    }

    fn tell(&self, line: &str) -> Result<()> {
        let mut shell = self.shell.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((_, input)) = shell.as_mut() else { return Err(Error::new("the keeper has ended")) };
        writeln!(input, "{line}").doing("telling the keeper")
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        let shell = self.shell.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        let Some((mut shell, input)) = shell else { return };
        drop(input);
        if let Err(error) = shell.wait() {
            eprintln!("{} may be left behind: {error}", self.folder.display());
        }
    }
}
