/// Colours that go together, as CSS has them.
pub struct Palette {
    pub wall: String,
    pub glow: String,
    pub table: String,
    pub main: String,
    pub light: String,
    pub dark: String,
}

/// Hues of walls, and of things before them: each pair was chosen by eye.
const HUES: [(u16, u16); 12] = [
    (32, 14),
    (44, 352),
    (88, 24),
    (150, 340),
    (178, 22),
    (200, 40),
    (214, 8),
    (238, 46),
    (268, 160),
    (318, 190),
    (340, 210),
    (12, 168),
];

impl Palette {
    /// One of many.
    pub fn numbered(number: u16) -> Self {
        let (wall, thing) = HUES.get(usize::from(number) % HUES.len()).copied().unwrap_or((32, 14));
        // Neither too bright for a dark page nor too dull for a light one.
        let shade = number / 12 % 4;
        let (light, saturation) = (84 - shade * 2, 34 + shade * 5);
        let hsl = |hue: u16, saturation: u16, light: u16| format!("hsl({hue} {saturation}% {light}%)");
        Self {
            wall: hsl(wall, saturation, light),
            glow: hsl(wall, saturation + 18, light + 6),
            table: hsl(wall, saturation - 4, light - 12),
            main: hsl(thing, 52, 52 - shade),
            light: hsl(thing, 60, 80),
            dark: hsl(thing, 46, 30),
        }
    }
}
