//! How good the suggestions are: learns recorded baskets as a stream of cart events, and answers queries about others.

mod baskets;
mod command;
mod evaluation;
mod score;
mod stream;

pub use command::evaluate;
pub use evaluation::{Evaluation, Report, changes_of};
