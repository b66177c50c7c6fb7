use clap::ValueEnum;

/// Who is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Contestant {
    /// Cartwheel with all services in one process
    Cartwheel,
    /// Cartwheel with each service in a process of its own
    Processes,
    /// Another release, all services in one process; named by --beside
    #[value(skip)]
    Beside,
    /// The least that has the same effects, each event in a message of its own
    Unpacked,
    /// The same with up to fifty events in a message
    Packed,
    /// A shop in Python with FastAPI and FastStream, as one is usually written
    #[value(name = "faststream")]
    FastStream,
    /// The same shop in Rust with axum and RustStream; built when it is measured, which takes minutes the first time
    #[value(name = "ruststream")]
    RustStream,
}

impl Contestant {
    /// Whether it is Cartwheel, in whatever form.
    #[must_use]
    pub fn is_cartwheel(self) -> bool {
        matches!(self, Self::Cartwheel | Self::Processes | Self::Beside)
    }

    /// As it is shown.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cartwheel => "Cartwheel",
            Self::Processes => "Cartwheel, a process each",
            Self::Beside => "the other release",
            Self::Unpacked => "least possible, unpacked",
            Self::Packed => "least possible, packed",
            Self::FastStream => "FastStream",
            Self::RustStream => "RustStream",
        }
    }
}
