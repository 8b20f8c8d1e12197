//! What makes a run of `bench/scenarios.py` fail.

use std::path::Path;
use std::process::Command;

#[test]
fn a_run_fails_when_something_happened_that_must_not_and_not_for_being_slow() {
    let run = Command::new("python3")
        .args(["-B", "-m", "unittest", "test_verdict"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .output()
        .expect("python3");
    let told = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success() && told.contains("Ran 3 tests"), "{told}");
}
