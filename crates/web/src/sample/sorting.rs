//! Sorts products by the words of their names: the data has no categories of its own.

use std::collections::BTreeMap;

/// Categories, each with words that mean it; the first that fits counts.
const CATEGORIES: [(&str, &[&str]); 21] = [
    (
        "Seasonal/Christmas",
        &["christmas", "advent", "reindeer", "santa", "snow", "bauble", "xmas", "wreath", "angel"],
    ),
    ("Seasonal/Easter", &["easter", "bunny", "egg ", "hen ", "chick"]),
    ("Bags/Lunch bags", &["lunch bag", "lunch box", "snack"]),
    ("Bags/Shoppers", &["bag", "shopper", "purse", "wallet", "tote", "rucksack", "suitcase"]),
    (
        "Jewellery",
        &[
            "necklace", "bracelet", "earring", "ring ", "bangle", "brooch", "hair", "pendant", "diamante",
            "bead",
        ],
    ),
    (
        "Living/Lighting",
        &["t-light", "tealight", "candle", "lantern", "light", "lamp", "votive", "chandelier"],
    ),
    ("Living/Clocks", &["clock", "alarm"]),
    (
        "Living/Frames & signs",
        &[
            "frame",
            "sign",
            "mirror",
            "picture",
            "photo",
            "blackboard",
            "chalkboard",
            "doormat",
            "wall art",
            "metal plaque",
            "plaque",
        ],
    ),
    (
        "Living/Textiles",
        &["cushion", "towel", "quilt", "throw", "blanket", "rug", "curtain", "fabric", "hot water"],
    ),
    (
        "Living/Storage",
        &[
            "drawer", "storage", "basket", "cabinet", "hook", "hanger", "rack", "shelf", "crate", "doorstop",
            "knob",
        ],
    ),
    ("Kitchen/Tea & coffee", &["mug", "cup", "tea", "coffee", "saucer", "cafetiere"]),
    (
        "Kitchen/Baking",
        &[
            "cake",
            "baking",
            "cookie",
            "bak",
            "recipe",
            "jam",
            "jelly",
            "measuring",
            "cutter",
            "mould",
            "scales",
        ],
    ),
    (
        "Kitchen/Tableware",
        &[
            "plate",
            "bowl",
            "dish",
            "cutlery",
            "spoon",
            "napkin",
            "glass",
            "jug",
            "bottle",
            "tray",
            "coaster",
            "tablecloth",
            "straw",
            "apron",
            "oven",
            "kitchen",
            "fork",
            "tumbler",
        ],
    ),
    (
        "Garden",
        &[
            "garden", "flower", "plant", "watering", "seed", "bird", "parasol", "picnic", "herb", "rose",
            "pot ",
        ],
    ),
    ("Party", &["party", "bunting", "balloon", "garland", "birthday", "confetti", "flag", "streamer"]),
    (
        "Paper/Cards & wrap",
        &["card", "wrap", "gift tape", "tissue", "ribbon", "envelope", "gift bag", "tag", "paper chain"],
    ),
    (
        "Paper/Writing",
        &[
            "notebook", "pencil", "pen ", "pens", "journal", "book", "paper", "sticker", "letter", "eraser",
            "ruler", "calendar", "tape",
        ],
    ),
    (
        "Toys",
        &[
            "toy",
            "doll",
            "game",
            "puzzle",
            "ball",
            "kite",
            "skipping",
            "craft",
            "playing",
            "spaceboy",
            "dolly",
            "inflatable",
            "knit",
            "paint",
            "block",
            "robot",
            "child",
            "magic",
        ],
    ),
    ("Gifts/Tins & boxes", &["tin", "box", "jar", "case", "chest"]),
    (
        "Gifts/Hearts & charms",
        &[
            "heart", "love", "charm", "incense", "keyring", "key ring", "magnet", "soap", "bath", "plaster",
            "scent", "wicker",
        ],
    ),
    (
        "Living/Decoration",
        &[
            "decoration",
            "vase",
            "ornament",
            "hanging",
            "wood",
            "metal",
            "ceramic",
            "vintage",
            "zinc",
            "enamel",
            "set of",
            "antique",
            "feather",
            "butterfly",
            "star",
            "retro",
            "pink",
            "blue",
            "white",
        ],
    ),
];

const COLOURS: [&str; 14] = [
    "white",
    "black",
    "red",
    "pink",
    "blue",
    "green",
    "yellow",
    "orange",
    "purple",
    "ivory",
    "silver",
    "gold",
    "cream",
    "turquoise",
];

const MATERIALS: [(&str, &str); 12] = [
    ("wooden", "wood"),
    ("wood", "wood"),
    ("glass", "glass"),
    ("metal", "metal"),
    ("ceramic", "ceramic"),
    ("porcelain", "porcelain"),
    ("paper", "paper"),
    ("wicker", "wicker"),
    ("felt", "felt"),
    ("enamel", "enamel"),
    ("zinc", "zinc"),
    ("cotton", "cotton"),
];

/// Where a product of this name belongs.
pub fn category(name: &str) -> &'static str {
    let name = format!("{} ", name.to_lowercase());
    let fits = |words: &[&str]| words.iter().any(|word| starts_a_word(&name, word));
    CATEGORIES.iter().find(|(_, words)| fits(words)).map_or("Curiosities", |(category, _)| category)
}

/// What the name says of colour and material.
pub fn attributes(name: &str) -> BTreeMap<&'static str, &'static str> {
    let name = name.to_lowercase();
    let colour = COLOURS.into_iter().find(|colour| has_word(&name, colour)).map(|colour| ("colour", colour));
    let material = MATERIALS.into_iter().find(|(word, _)| has_word(&name, word));
    colour.into_iter().chain(material.map(|(_, material)| ("material", material))).collect()
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|one| one == word)
}

fn starts_a_word(text: &str, word: &str) -> bool {
    text.match_indices(word)
        .any(|(at, _)| text.get(..at).is_some_and(|before| !before.ends_with(char::is_alphanumeric)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_where_a_product_belongs_and_what_it_is_like() {
        for (name, place) in [
            ("White hanging heart t-light holder", "Living/Lighting"),
            ("Jumbo bag red retrospot", "Bags/Shoppers"),
            ("Set of 3 cake tins pantry design", "Kitchen/Baking"),
            ("Wooden star Christmas Scandinavian", "Seasonal/Christmas"),
        ] {
            assert_eq!(category(name), place, "{name}");
        }
        let attributes = attributes("Red wooden heart");
        assert_eq!((attributes["colour"], attributes["material"]), ("red", "wood"));
        assert!(!super::attributes("Painted redcurrant").contains_key("colour"));
    }
}
