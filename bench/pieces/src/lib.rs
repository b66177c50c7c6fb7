//! The pure pieces of the hot path, each as something that can be done again and again.

mod carts;
mod envelopes;
mod holds;
mod packing;

/// A piece of work: its name, and how it is done once.
pub struct Piece {
    /// What is done.
    pub name: &'static str,
    /// Does it once.
    pub once: Box<dyn FnMut()>,
}

impl Piece {
    fn new(name: &'static str, once: impl FnMut() + 'static) -> Self {
        Self { name, once: Box::new(once) }
    }
}

/// All pieces, made ready.
///
/// # Errors
/// When an example can't be written as JSON.
pub fn pieces() -> serde_json::Result<Vec<Piece>> {
    let mut pieces = envelopes::pieces()?;
    pieces.extend(packing::pieces()?);
    pieces.extend(carts::pieces());
    pieces.extend(holds::pieces());
    Ok(pieces)
}
