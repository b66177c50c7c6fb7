//! Where programs lie on this machine.

use std::path::PathBuf;

/// Where the program lies: on the search path, or in one of the given folders.
pub(super) fn find(program: &str, folders: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let searched = std::env::split_paths(&path);
    let known = folders.iter().map(PathBuf::from);
    searched.chain(known).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// The folders `<parent>/<name>/<rest>` that exist, where `wanted` accepts the name.
pub(super) fn folders(parent: &str, wanted: impl Fn(&str) -> bool, rest: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    let named = entries.filter(|entry| entry.file_name().to_str().is_some_and(&wanted));
    named.map(|entry| entry.path().join(rest)).filter(|folder| folder.is_dir()).collect()
}
