use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemUse, UseTree, Visibility};

/// The segments of a path.
pub(super) type Names = Vec<String>;

/// A module: where it stands, what it defines, and what it brings in from elsewhere.
#[derive(Default)]
pub(super) struct Module {
    pub file: PathBuf,
    pub children: BTreeSet<String>,
    pub defined: BTreeSet<String>,
    /// Names that `use` brings in, with the path that each stands for.
    pub used: BTreeMap<String, Names>,
    pub globs: Vec<Names>,
    /// Every path that the code goes, apart from re-exports.
    pub paths: BTreeSet<Names>,
    /// The types of `impl Type` blocks.
    pub implemented: BTreeSet<String>,
}

impl Module {
    /// Notes what an item of the module defines, brings in and uses; a child module goes to `children`.
    pub fn take(&mut self, item: &Item, children: &mut Vec<String>) {
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
