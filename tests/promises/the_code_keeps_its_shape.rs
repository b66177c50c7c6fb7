use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::imports::{Crate, Imports};

const LONGEST_FILE: usize = 250;
/// Files that may be longer, each with its reason; at most six.
const LONGER_FILES: [(&str, &str); 0] = [];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every crate's `lib.rs` and `main.rs`.
fn roots() -> Vec<PathBuf> {
    let crates = std::fs::read_dir(repository().join("crates")).unwrap();
    let folders = crates
        .map(|folder| folder.unwrap().path())
        .chain(["bench", "bench/least_possible", "bench/ruststream"].map(|folder| repository().join(folder)));
    let files = folders.flat_map(|folder| ["src/lib.rs", "src/main.rs"].map(|file| folder.join(file)));
    files.filter(|file| file.exists()).collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

/// All files that `from` uses, directly or through others.
fn reached_from<'a>(from: &Path, imports: &'a Imports) -> BTreeSet<&'a Path> {
    let (mut reached, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(file) = next.pop() {
        for used in imports.get(file).into_iter().flatten() {
            if reached.insert(used.as_path()) {
                next.push(used);
            }
        }
    }
    reached
}

/// Files that reach themselves, each with all others in its circles.
fn circles(imports: &Imports) -> BTreeSet<BTreeSet<&Path>> {
    let reached: BTreeMap<_, _> =
        imports.keys().map(|file| (file.as_path(), reached_from(file, imports))).collect();
    let circle = |file: &Path| -> BTreeSet<&Path> {
        let others = reached[file].iter().copied();
        others.filter(|other| reached.get(other).is_some_and(|back| back.contains(file))).collect()
    };
    reached.keys().map(|file| circle(file)).filter(|circle| !circle.is_empty()).collect()
}

/// Whether `file` is a part of `parent`, as `topology/marker.rs` is of `topology.rs`. Such parts may use what their parent
/// defines for all of them.
fn stands_in_its_folder(file: &Path, parent: &Path) -> bool {
    file.starts_with(parent.with_extension(""))
}

#[test]
fn no_file_imports_in_a_circle() {
    let mut circular_uses = Vec::new();
    for root in roots() {
        let mut imports = Crate::read(&root).imports();
        for (file, used) in &mut imports {
            used.retain(|used| !stands_in_its_folder(file, used));
        }
        for circle in circles(&imports) {
            for file in &circle {
                let used = imports[*file].iter().filter(|used| circle.contains(used.as_path()));
                circular_uses.extend(used.map(|used| format!("{} uses {}", file.display(), used.display())));
            }
        }
    }
    assert!(
        circular_uses.is_empty(),
        "files that import each other in a circle:\n{}",
        circular_uses.join("\n")
    );
}

/// In a folder of its parts, a type may have a part of its methods in each.
#[test]
fn a_types_methods_stand_in_its_file_or_folder() {
    let impls = roots().iter().flat_map(|root| Crate::read(root).impls_elsewhere()).collect::<Vec<_>>();
    let scattered = impls.iter().filter(|found| !stands_in_its_folder(&found.file, &found.defined_in));
    let scattered: Vec<_> = scattered
        .map(|found| {
            format!("{} in {}, not {}", found.name, found.file.display(), found.defined_in.display())
        })
        .collect();
    assert!(scattered.is_empty(), "methods away from their types:\n{}", scattered.join("\n"));
}

#[test]
fn files_are_short() {
    let folders = ["bench", "crates", "tests"].map(|folder| repository().join(folder));
    let long: BTreeSet<_> = folders
        .iter()
        .flat_map(|folder| rust_files(folder))
        .filter(|file| std::fs::read_to_string(file).unwrap().lines().count() > LONGEST_FILE)
        .map(|file| file.strip_prefix(repository()).unwrap().to_owned())
        .collect();
    let allowed: BTreeSet<_> = LONGER_FILES.map(|(file, _)| PathBuf::from(file)).into();
    assert_eq!(
        long, allowed,
        "files of more than {LONGEST_FILE} lines: split them by idea, or name the reason"
    );
    assert!(allowed.len() <= 6);
}

#[test]
fn a_circle_is_found() {
    let path = |name: &str| PathBuf::from(name);
    let imports = Imports::from([
        (path("a"), [path("b")].into()),
        (path("b"), [path("c")].into()),
        (path("c"), [path("b"), path("d")].into()),
        (path("d"), [].into()),
    ]);
    assert_eq!(circles(&imports), BTreeSet::from([[Path::new("b"), Path::new("c")].into()]));
}
