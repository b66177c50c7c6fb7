//! Which file of a crate uses names from which other file, read from the code. A name counts for the file that defines
//! it, through whatever re-exports it is reached; a module that only re-exports uses nothing.

mod module;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use module::{Module, Names};

/// From a file to the files whose names it uses.
pub type Imports = BTreeMap<PathBuf, BTreeSet<PathBuf>>;

/// Methods of a type in a file that does not define it.
#[derive(Debug)]
pub struct ImplElsewhere {
    /// The type's name.
    pub name: String,
    /// Where the methods are.
    pub file: PathBuf,
    /// Where the type is.
    pub defined_in: PathBuf,
}

/// A crate's modules by their paths.
pub struct Crate(BTreeMap<Names, Module>);

impl Crate {
    /// Reads the modules that lead from `root`, a `lib.rs` or `main.rs`, leaving out tests.
    pub fn read(root: &Path) -> Self {
        let mut this = Self(BTreeMap::new());
        this.read_module(&[], root);
        this
    }

    fn read_module(&mut self, path: &[String], file: &Path) {
        let text = std::fs::read_to_string(file).unwrap();
        let syntax = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut module = Module { file: file.to_owned(), ..Module::default() };
        let mut children = Vec::new();
        for item in &syntax.items {
            module.take(item, &mut children);
        }
        let folder = match file.file_stem().and_then(|stem| stem.to_str()) {
            Some("lib" | "main") => file.with_file_name(""),
            _ => file.with_extension(""),
        };
        self.0.insert(path.to_vec(), module);
        for child in children {
            let path = [path, std::slice::from_ref(&child)].concat();
            self.read_module(&path, &folder.join(format!("{child}.rs")));
        }
    }

    /// Which file uses which.
    pub fn imports(&self) -> Imports {
        let mut imports = Imports::new();
        for (at, module) in &self.0 {
            let uses = imports.entry(module.file.clone()).or_default();
            let found = module.paths.iter().filter_map(|path| self.file_of(at, path, 0));
            uses.extend(found.filter(|file| *file != module.file));
        }
        imports
    }

    /// Blocks `impl Type` in files that don't define the type.
    pub fn impls_elsewhere(&self) -> Vec<ImplElsewhere> {
        let mut found = Vec::new();
        for (at, module) in &self.0 {
            for name in &module.implemented {
                let defined_in = self.file_of(at, std::slice::from_ref(name), 0);
                if let Some(defined_in) = defined_in.filter(|defined_in| *defined_in != module.file) {
                    found.push(ImplElsewhere { name: name.clone(), file: module.file.clone(), defined_in });
                }
            }
        }
        found
    }

    /// The file that defines what a path in the module `at` leads to; none for another crate's.
    fn file_of(&self, at: &Names, path: &[String], depth: usize) -> Option<PathBuf> {
        // A circle of re-exports does not compile, but two globs may name each other.
        if depth > 16 {
            return None;
        }
        let (mut at, mut rest) = (at.clone(), path);
        while let [first, others @ ..] = rest {
            match first.as_str() {
                "crate" => at.clear(),
                "super" => drop(at.pop()?),
                "self" => {}
                _ => break,
            }
            rest = others;
        }
        while let [name, others @ ..] = rest {
            let module = self.0.get(&at)?;
            if module.children.contains(name) && !others.is_empty() {
                at.push(name.clone());
                rest = others;
                continue;
            }
            if module.defined.contains(name) {
                return Some(module.file.clone());
            }
            if let Some(target) = module.used.get(name) {
                let target: Names = target.iter().chain(others).cloned().collect();
                return self.file_of(&at, &target, depth + 1);
            }
            let through_glob = |glob: &Names| {
                let target: Names = glob.iter().chain(rest).cloned().collect();
                self.file_of(&at, &target, depth + 1)
            };
            return module.globs.iter().find_map(through_glob);
        }
        None
    }
}
