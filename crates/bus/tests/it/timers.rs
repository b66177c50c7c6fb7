//! Timers fire once for each setting, never early, whatever happens meanwhile.

mod at_scale;
mod failing;
mod firing;
mod fixture;
mod operator;
mod races;
