//! Files in the repository that are generated from the code.

use std::path::Path;

/// A committed file (by its path in the repository) is what the code generates; with `UPDATE` set, it is written first. `test`
/// is the command that runs the calling test.
pub fn assert_up_to_date(file: &str, generated: &str, test: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, generated)
            .unwrap_or_else(|error| panic!("writing {}: {error}", path.display()));
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(committed, generated, "{file} is out of date: UPDATE=1 {test}");
}
