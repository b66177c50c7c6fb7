//! Endpoints as values of settings.

use std::ffi::OsStr;
use std::marker::PhantomData;

use clap::builder::{TypedValueParser, ValueParserFactory};
use clap::error::ErrorKind;
use clap::{Arg, Command, Error};

use crate::endpoint::Endpoint;
use crate::protocol::Protocol;

/// Reads a setting. Its error names the setting, and leaves out the value.
#[derive(Clone, Debug)]
pub struct EndpointParser<P>(PhantomData<P>);

impl<P: Protocol> ValueParserFactory for Endpoint<P> {
    type Parser = EndpointParser<P>;

    fn value_parser() -> EndpointParser<P> {
        EndpointParser(PhantomData)
    }
}

impl<P: Protocol> TypedValueParser for EndpointParser<P> {
    type Value = Endpoint<P>;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Endpoint<P>, Error> {
        let read = value.to_str().ok_or_else(|| "it is not UTF-8".to_owned());
        let read =
            read.and_then(|text| text.parse().map_err(|error: crate::EndpointError| error.to_string()));
        read.map_err(|why| Error::raw(ErrorKind::ValueValidation, sentence(argument, &why)).with_cmd(command))
    }
}

fn sentence(argument: Option<&Arg>, why: &str) -> String {
    let flag = argument.map_or_else(
        || "the URL".to_owned(),
        |argument| format!("--{}", argument.get_id()).replace('_', "-"),
    );
    let variable =
        argument.and_then(Arg::get_env).map_or(String::new(), |name| format!(" ({})", name.display()));
    format!("{flag}{variable} can't be used: {why}\n")
}
