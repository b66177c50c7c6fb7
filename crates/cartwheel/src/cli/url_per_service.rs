//! Settings of the form `SERVICE=URL`.

use std::ffi::OsStr;
use std::marker::PhantomData;

use clap::builder::{TypedValueParser, ValueParserFactory};
use clap::error::ErrorKind;
use clap::{Arg, Command, Error};
use endpoint::{Endpoint, Protocol};
use events::PARTICIPANTS;

/// Reads a service and where something of it is. As for every URL, an error does not repeat the value.
#[derive(Clone, Debug)]
pub struct UrlPerService<P>(PhantomData<P>);

impl<P> UrlPerService<P> {
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<P: Protocol> TypedValueParser for UrlPerService<P> {
    type Value = (String, Endpoint<P>);

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Self::Value, Error> {
        let (service, url) = value.to_str().and_then(|value| value.split_once('=')).unwrap_or_default();
        if !PARTICIPANTS.iter().any(|participant| participant.service == service) {
            let names = PARTICIPANTS.map(|participant| participant.service).join(", ");
            let sentence = format!("write SERVICE=URL, where SERVICE is one of {names}\n");
            return Err(Error::raw(ErrorKind::ValueValidation, sentence).with_cmd(command));
        }
        let url = Endpoint::<P>::value_parser().parse_ref(command, argument, OsStr::new(url))?;
        Ok((service.to_owned(), url))
    }
}
