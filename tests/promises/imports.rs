//! Which file of a crate uses names from which other file, read from the code. A name counts for the file that defines
//! it, through whatever re-exports it is reached; a module that only re-exports uses nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemUse, UseTree, Visibility};

/// From a file to the files whose names it uses.
pub type Imports = BTreeMap<PathBuf, BTreeSet<PathBuf>>;

type Names = Vec<String>;

/// A module: where it stands, what it defines, and what it brings in from elsewhere.
#[derive(Default)]
struct Module {
    file: PathBuf,
    children: BTreeSet<String>,
    defined: BTreeSet<String>,
    /// Names that `use` brings in, with the path that each stands for.
    used: BTreeMap<String, Names>,
    globs: Vec<Names>,
    /// Every path that the code goes, apart from re-exports.
    paths: BTreeSet<Names>,
    /// The types of `impl Type` blocks.
    implemented: BTreeSet<String>,
}

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

impl Module {
    fn take(&mut self, item: &Item, children: &mut Vec<String>) {
        match item {
            Item::Mod(module) if is_for_tests(&module.attrs) => {}
            Item::Mod(module) if module.content.is_none() => {
                self.children.insert(module.ident.to_string());
                children.push(module.ident.to_string());
            }
            Item::Use(item) => self.bring_in(item),
            _ => {
                self.defined.extend(name_of(item));
                Paths(self).visit_item(item);
            }
        }
    }

    fn bring_in(&mut self, item: &ItemUse) {
        if is_for_tests(&item.attrs) {
            return;
        }
        let mut leaves = Vec::new();
        flatten(&item.tree, &mut Names::new(), &mut leaves);
        for (name, path) in leaves {
            if matches!(item.vis, Visibility::Inherited) {
                self.paths.insert(path.clone());
            }
            match name {
                Some(name) => drop(self.used.insert(name, path)),
                None => self.globs.push(path),
            }
        }
    }
}

/// Every path in an item: in its code, its types, and, as far as it can be seen, its macros.
struct Paths<'a>(&'a mut Module);

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.0.paths.insert(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        self.tokens(call.tokens.clone());
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.0.bring_in(item);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if let (None, syn::Type::Path(path)) = (&item.trait_, &*item.self_ty)
            && let Some(name) = path.path.get_ident().or(path.path.segments.last().map(|last| &last.ident))
        {
            self.0.implemented.insert(name.to_string());
        }
        visit::visit_item_impl(self, item);
    }
}

impl Paths<'_> {
    fn tokens(&mut self, tokens: TokenStream) {
        let (mut path, mut colons) = (Names::new(), 0);
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.0.paths.insert(std::mem::take(&mut path));
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => self.tokens(group.stream()),
                _ => colons = 0,
            }
        }
        self.0.paths.insert(path);
    }
}

/// The names that a `use` brings in (none for a glob), each with its whole path.
fn flatten(tree: &UseTree, path: &mut Names, leaves: &mut Vec<(Option<String>, Names)>) {
    let with = |name: &dyn ToString, path: &Names| path.iter().cloned().chain([name.to_string()]).collect();
    match tree {
        UseTree::Path(part) => {
            path.push(part.ident.to_string());
            flatten(&part.tree, path, leaves);
            path.pop();
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| flatten(tree, path, leaves)),
        UseTree::Glob(_) => leaves.push((None, path.clone())),
        UseTree::Name(name) if name.ident == "self" => leaves.push((path.last().cloned(), path.clone())),
        UseTree::Name(name) => leaves.push((Some(name.ident.to_string()), with(&name.ident, path))),
        UseTree::Rename(renamed) => {
            leaves.push((Some(renamed.rename.to_string()), with(&renamed.ident, path)));
        }
    }
}

fn name_of(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Mod(item) => &item.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|condition| condition.is_ident("test"))
    })
}
