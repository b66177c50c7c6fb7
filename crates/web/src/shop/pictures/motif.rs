/// What a picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Motif(usize);

/// A motif's name, words in names of products that mean it, and its shape on a table at y = 310. `$m`, `$l` and `$d` are
/// the thing's colour, a light and a dark one. Those that say more about a product come first: a "tea towel" is a towel.
const MOTIFS: [(&str, &[&str], &str); 23] = [
    (
        "bag",
        &["bag", "shopper", "purse", "wallet", "backpack", "tote"],
        r#"<path d="M154 172q0-62 46-62t46 62" stroke="$d" stroke-width="12"/><path d="M118 170h164l14 142H104Z" fill="$m"/><path d="M118 170h164l4 36H114Z" fill="$l"/><circle cx="154" cy="188" r="6" fill="$d"/><circle cx="246" cy="188" r="6" fill="$d"/>"#,
    ),
    (
        "candle",
        &["candle", "t-light", "tealight", "tea light", "votive", "incense"],
        r#"<path d="M200 96q26 34 0 58q-26-24 0-58" fill="hsl(42 96% 62%)"/><path d="M200 120q11 16 0 28q-11-12 0-28" fill="hsl(28 96% 56%)"/><path d="M200 150v22" stroke="$d" stroke-width="5"/><rect x="160" y="170" width="80" height="142" rx="8" fill="$l"/><path d="M160 196q18 22 40 4t40 6v106h-80Z" fill="$m"/>"#,
    ),
    (
        "light",
        &["light", "lamp", "lantern", "lampshade", "chandelier"],
        r#"<path d="M170 128a30 30 0 0 1 60 0" stroke="$d" stroke-width="8"/><path d="M146 152l54-28 54 28Z" fill="$d"/><rect x="150" y="152" width="100" height="138" fill="$l"/><rect x="150" y="152" width="100" height="138" stroke="$m" stroke-width="12"/><path d="M200 152v138" stroke="$m" stroke-width="6"/><path d="M200 208q22 28 0 52q-22-24 0-52" fill="hsl(42 96% 60%)"/><rect x="136" y="288" width="128" height="24" rx="6" fill="$d"/>"#,
    ),
    (
        "clock",
        &["clock", "alarm", "watch", "timer"],
        r#"<path d="M142 142l-26-26M258 142l26-26" stroke="$d" stroke-width="22"/><path d="M150 292l-18 22M250 292l18 22" stroke="$d" stroke-width="12"/><circle cx="200" cy="220" r="92" fill="$m"/><circle cx="200" cy="220" r="72" fill="$l"/><path d="M200 220V172M200 220l34 22" stroke="$d" stroke-width="9"/><circle cx="200" cy="220" r="8" fill="$d"/>"#,
    ),
    (
        "heart",
        &["heart", "love", "valentine"],
        r#"<path d="M200 98v44" stroke="$d" stroke-width="5"/><path d="M200 312c-72-52-106-86-106-124a52 52 0 0 1 106-18a52 52 0 0 1 106 18c0 38-34 72-106 124Z" fill="$m"/><path d="M128 178q8-30 38-26" stroke="$l" stroke-width="12"/>"#,
    ),
    (
        "star",
        &["seasonal", "christmas", "star", "snow", "reindeer", "santa", "bauble", "advent", "wreath", "tree"],
        r#"<path d="M200 92l58 82h-30l52 66h-38l44 54H114l44-54h-38l52-66h-30Z" fill="$m"/><rect x="184" y="292" width="32" height="22" fill="$d"/><circle cx="182" cy="200" r="9" fill="$l"/><circle cx="226" cy="226" r="9" fill="$l"/><circle cx="176" cy="266" r="9" fill="$l"/><path d="M200 66l8 17 19 3-14 13 4 19-17-9-17 9 4-19-14-13 19-3Z" fill="hsl(44 92% 60%)"/>"#,
    ),
    (
        "bunting",
        &["bunting", "flag", "garland", "party", "balloon", "banner"],
        r#"<path d="M56 138q144 92 288 0" stroke="$d" stroke-width="7"/><path d="M84 152l50 24-38 52Z" fill="$m"/><path d="M150 180l54 4-30 62Z" fill="$l"/><path d="M220 184l52-12-16 64Z" fill="$m"/><path d="M288 166l40-24-4 64Z" fill="$l"/>"#,
    ),
    (
        "mug",
        &["mug", "cup", "tea", "coffee", "teapot", "cafetiere", "saucer", "jug", "chocolate"],
        r#"<path d="M262 186h22a34 34 0 0 1 0 74h-24" stroke="$m" stroke-width="18"/><path d="M118 160h152l-10 128a26 26 0 0 1-26 24h-80a26 26 0 0 1-26-24Z" fill="$m"/><path d="M122 204h144l-3 30H125Z" fill="$l"/><path d="M162 134q-14-18 0-34M200 134q-14-18 0-34M238 134q-14-18 0-34" stroke="$d" stroke-width="6" opacity=".45"/>"#,
    ),
    (
        "tin",
        &["tin", "box", "storage", "case", "basket", "chest", "drawer", "crate", "jar", "cabinet"],
        r#"<rect x="112" y="190" width="176" height="122" rx="10" fill="$m"/><rect x="102" y="158" width="196" height="42" rx="10" fill="$d"/><path d="M184 158q0-26 16-26t16 26" stroke="$d" stroke-width="9"/><rect x="152" y="226" width="96" height="54" rx="6" fill="$l"/><path d="M172 246h56M172 262h36" stroke="$d" stroke-width="6"/>"#,
    ),
    (
        "bottle",
        &["bottle", "vase", "drink", "glass", "decanter", "soap", "perfume", "wine"],
        r#"<path d="M178 96h44v62c0 18 34 34 34 72v58a24 24 0 0 1-24 24h-64a24 24 0 0 1-24-24v-58c0-38 34-54 34-72Z" fill="$m"/><rect x="172" y="84" width="56" height="26" rx="6" fill="$d"/><rect x="150" y="228" width="100" height="52" fill="$l"/>"#,
    ),
    (
        "plate",
        &["plate", "bowl", "dish", "cake", "tray", "baking", "cookie", "bread", "kitchen", "egg", "recipe"],
        r#"<path d="M128 176q0-44 72-44t72 44Z" fill="$l"/><path d="M200 132q-6-18 10-26" stroke="$d" stroke-width="6"/><circle cx="200" cy="130" r="12" fill="hsl(352 76% 54%)"/><rect x="120" y="174" width="160" height="44" rx="8" fill="$m"/><path d="M120 192q20 20 40 0t40 0 40 0 40 0v-10q0-8-8-8H128q-8 0-8 8Z" fill="$d" opacity=".45"/><ellipse cx="200" cy="224" rx="118" ry="16" fill="$l"/><path d="M186 236h28l10 64h-48Z" fill="$m"/><ellipse cx="200" cy="304" rx="62" ry="12" fill="$m"/>"#,
    ),
    (
        "cutlery",
        &["cutlery", "fork", "spoon", "knife", "napkin", "set 3 wicker", "picnic", "lunch"],
        r#"<path d="M148 104v62a22 22 0 0 0 44 0v-62M170 104v206" stroke="$m" stroke-width="13"/><path d="M244 310V104q-36 46-26 112h26" stroke="$d" stroke-width="13" fill="$l"/>"#,
    ),
    (
        "flower",
        &["flower", "garden", "rose", "plant", "daisy", "seed", "pot", "watering", "herb", "botanical"],
        r#"<path d="M200 226v-60" stroke="hsl(140 34% 36%)" stroke-width="10"/><path d="M200 212q-46-4-52-42q46-2 52 42M200 198q44-8 46-46q-44 4-46 46" fill="hsl(140 36% 44%)"/><g fill="$l"><circle cx="200" cy="104" r="24"/><circle cx="168" cy="128" r="24"/><circle cx="180" cy="164" r="24"/><circle cx="220" cy="164" r="24"/><circle cx="232" cy="128" r="24"/></g><circle cx="200" cy="138" r="22" fill="hsl(42 92% 58%)"/><path d="M138 224h124l-16 88h-92Z" fill="$m"/><rect x="128" y="214" width="144" height="28" rx="6" fill="$d"/>"#,
    ),
    (
        "bird",
        &["bird", "owl", "hen", "duck", "chicken", "dove"],
        r#"<path d="M186 300v14M216 300v14" stroke="$d" stroke-width="8"/><path d="M110 212q-4-92 84-92q44 0 58 36l34 14-30 20q6 110-84 110q-58 0-62-88Z" fill="$m"/><path d="M132 216q46-26 84 18q-34 54-84 20Z" fill="$d" opacity=".7"/><circle cx="216" cy="162" r="8" fill="$d"/><path d="M252 160l34 10-30 18Z" fill="hsl(38 92% 56%)"/>"#,
    ),
    (
        "paw",
        &["rabbit", "bunny", "cat", "dog", "animal", "elephant"],
        r#"<ellipse cx="126" cy="196" rx="25" ry="34" transform="rotate(-24 126 196)" fill="$d"/><ellipse cx="172" cy="146" rx="26" ry="37" transform="rotate(-8 172 146)" fill="$d"/><ellipse cx="228" cy="146" rx="26" ry="37" transform="rotate(8 228 146)" fill="$d"/><ellipse cx="274" cy="196" rx="25" ry="34" transform="rotate(24 274 196)" fill="$d"/><path d="M200 204c38 0 80 46 80 78c0 30-38 34-80 26c-42 8-80 4-80-26c0-32 42-78 80-78Z" fill="$m"/><path d="M160 250q14-24 36-26" stroke="$l" stroke-width="10"/>"#,
    ),
    (
        "cushion",
        &[
            "cushion",
            "pillow",
            "blanket",
            "towel",
            "quilt",
            "apron",
            "rug",
            "mat",
            "throw",
            "oven glove",
            "tea towel",
        ],
        r#"<path d="M108 150q92 22 184 0q-22 78 0 156q-92-20-184 0q22-78 0-156Z" fill="$m"/><path d="M150 170q50 8 100 0M150 286q50-8 100 0" stroke="$l" stroke-width="8" stroke-dasharray="2 16"/><circle cx="200" cy="228" r="30" fill="$l"/><circle cx="200" cy="228" r="9" fill="$d"/>"#,
    ),
    (
        "frame",
        &[
            "frame",
            "living",
            "picture",
            "mirror",
            "photo",
            "print",
            "poster",
            "wall art",
            "chalkboard",
            "blackboard",
            "canvas",
        ],
        r#"<rect x="104" y="116" width="192" height="196" rx="6" fill="$d"/><rect x="122" y="134" width="156" height="160" fill="$l"/><circle cx="238" cy="176" r="18" fill="hsl(42 92% 60%)"/><path d="M122 272l52-64 38 44 24-24 42 44v22H122Z" fill="$m"/>"#,
    ),
    (
        "sign",
        &["sign", "doormat", "hook", "door", "knob", "hanger", "letter", "metal sign", "key"],
        r#"<path d="M200 92l-74 62M200 92l74 62" stroke="$d" stroke-width="6"/><circle cx="200" cy="90" r="9" fill="$d"/><rect x="98" y="152" width="204" height="112" rx="12" fill="$m"/><rect x="112" y="166" width="176" height="84" rx="6" stroke="$l" stroke-width="5"/><path d="M140 196h120M160 222h80" stroke="$l" stroke-width="9"/>"#,
    ),
    (
        "card",
        &[
            "card", "wrap", "paper", "notebook", "book", "pencil", "pen", "sticker", "tape", "ribbon",
            "envelope", "gift", "tissue", "journal", "calendar",
        ],
        r#"<rect x="112" y="178" width="176" height="134" rx="6" fill="$m"/><rect x="102" y="146" width="196" height="44" rx="6" fill="$d"/><path d="M200 146v166" stroke="$l" stroke-width="26"/><path d="M200 144q-62-2-58-38q44-18 58 38q14-56 58-38q4 36-58 38Z" fill="$l"/>"#,
    ),
    (
        "jewel",
        &[
            "necklace", "bracelet", "earring", "ring", "bead", "brooch", "hair", "jewel", "pearl", "charm",
            "crystal", "diamante",
        ],
        r#"<path d="M118 100q10 126 82 126t82-126" stroke="$d" stroke-width="7"/><path d="M200 226l44 30-44 58-44-58Z" fill="$m"/><path d="M156 256h88l-44 58Z" fill="$d" opacity=".45"/><path d="M200 226l16 30-16 58-16-58Z" fill="$l"/><circle cx="142" cy="186" r="9" fill="$l"/><circle cx="258" cy="186" r="9" fill="$l"/>"#,
    ),
    (
        "toy",
        &[
            "toy",
            "doll",
            "game",
            "puzzle",
            "ball",
            "kite",
            "skipping",
            "craft",
            "paint",
            "robot",
            "spaceboy",
            "dinosaur",
            "inflatable",
            "play",
            "child",
        ],
        r#"<rect x="112" y="222" width="90" height="90" rx="8" fill="$m"/><rect x="206" y="222" width="90" height="90" rx="8" fill="$d"/><rect x="158" y="126" width="90" height="90" rx="8" fill="$l"/><path d="M157 252l10 18 20 3-15 14 4 20-19-10-19 10 4-20-15-14 20-3Z" fill="$l"/><circle cx="251" cy="267" r="24" fill="$l"/><path d="M203 148l26 44h-52Z" fill="$m"/>"#,
    ),
    (
        "umbrella",
        &["umbrella", "curiosit", "parasol", "rain", "slipper", "sock", "scarf", "hat", "glove"],
        r#"<path d="M200 126v150q0 34-30 34t-28-30" stroke="$d" stroke-width="11"/><path d="M82 224q10-112 118-112t118 112q-28-26-60 0q-28-26-58 0q-30-26-58 0q-32-26-60 0Z" fill="$m"/><path d="M142 224q10-90 58-112q48 22 58 112q-28-26-58 0q-30-26-58 0Z" fill="$l"/><path d="M200 112V94" stroke="$d" stroke-width="9"/>"#,
    ),
    (
        "parcel",
        &[],
        r#"<path d="M200 142l106 44v100l-106 40-106-40V186Z" fill="$m"/><path d="M94 186l106 42 106-42-106-44Z" fill="$l"/><path d="M200 228v98l106-40V186Z" fill="$d" opacity=".5"/><path d="M146 164l108 42v46l-20 8v-46l-108-42Z" fill="$d"/>"#,
    ),
];

impl Motif {
    #[cfg(test)]
    pub const ALL: [Self; MOTIFS.len()] = {
        let mut all = [Self(0); MOTIFS.len()];
        let mut at = 0;
        while at < all.len() {
            all[at] = Self(at);
            at += 1;
        }
        all
    };

    /// What a product's name is about: the word that comes last counts, as in "heart-shaped box"; a parcel if no word is
    /// known.
    pub fn of(name: &str) -> Self {
        let name = name.to_lowercase();
        // Where a word begins: a "retrospot" is no pot.
        let begins =
            |at: &usize| name.get(..*at).is_some_and(|before| !before.ends_with(char::is_alphanumeric));
        let place = |word: &&str| name.rmatch_indices(*word).map(|(at, _)| at).find(begins);
        let places = MOTIFS.iter().enumerate().filter_map(|(at, (_, words, _))| {
            let longest = words.iter().filter_map(|word| Some((place(word)? + word.len(), word.len())));
            longest.max().map(|found| (found, at))
        });
        Self(places.max().map_or(MOTIFS.len() - 1, |(_, at)| at))
    }

    /// The one with this name.
    pub fn named(name: &str) -> Option<Self> {
        MOTIFS.iter().position(|(motif, ..)| *motif == name).map(Self)
    }

    pub fn name(self) -> &'static str {
        MOTIFS.get(self.0).map_or("parcel", |(name, ..)| name)
    }

    /// As elements of an SVG.
    pub fn shape(self) -> &'static str {
        MOTIFS.get(self.0).map_or("", |(.., shape)| shape)
    }
}
