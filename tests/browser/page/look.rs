/// How a window is: its size, the visitor's colour scheme, and whether scripts run.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub width: u32,
    pub height: u32,
    pub dark: bool,
    pub scripts: bool,
}

impl Look {
    pub const PHONE: Self = Self { width: 390, height: 844, dark: false, scripts: true };
    pub const DESKTOP: Self = Self { width: 1280, height: 800, dark: false, scripts: true };
    /// Both sizes, light and dark: what screenshots are taken in.
    pub const ALL: [Self; 4] = [Self::PHONE, Self::PHONE.dark(), Self::DESKTOP, Self::DESKTOP.dark()];

    /// The same for a visitor who prefers dark colours.
    pub const fn dark(self) -> Self {
        Self { dark: true, ..self }
    }

    /// The same without JavaScript.
    pub const fn without_scripts(self) -> Self {
        Self { scripts: false, ..self }
    }
}
