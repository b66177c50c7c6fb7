//! Does each piece this many times, for a tool that counts instructions.
//!
//! `pieces` alone lists the pieces; `pieces NAME TIMES` does one.
#![allow(clippy::print_stdout, reason = "it lists the pieces")]

use pieces::pieces;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let Some(name) = arguments.next() else {
        for piece in pieces()? {
            println!("{}", piece.name);
        }
        return Ok(());
    };
    let times: u32 = arguments.next().ok_or("how many times?")?.parse()?;
    let mut piece = pieces()?.into_iter().find(|piece| piece.name == name).ok_or("there is no such piece")?;
    for _ in 0..times {
        (piece.once)();
    }
    Ok(())
}
