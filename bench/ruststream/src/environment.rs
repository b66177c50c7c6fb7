use std::env;

use anyhow::Context;

/// A variable that must be set.
pub fn variable(name: &str) -> anyhow::Result<String> {
    env::var(name).with_context(|| format!("{name} is missing"))
}
