//! How far words are from each other.

/// How many letters have to be added, left out, replaced, or swapped with their neighbour to make one word of the other;
/// none, if they are more than `most`.
pub fn distance(one: &str, other: &str, most: usize) -> Option<usize> {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if one.len().abs_diff(other.len()) > most {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, candidate) in other.iter().enumerate() {
            let replaced = above[column] + usize::from(letter != candidate);
            let mut least = replaced.min(above[column + 1] + 1).min(current[column] + 1);
            if row > 0 && column > 0 && *letter == other[column - 1] && one[row - 1] == *candidate {
                least = least.min(before[column - 1] + 1);
            }
            current.push(least);
        }
        before = std::mem::replace(&mut above, current);
    }
    above.last().copied().filter(|distance| *distance <= most)
}

/// How many mistakes a word may have.
pub fn tolerance(word: &str) -> usize {
    match word.chars().count() {
        0..=3 => 0,
        4..=5 => 1,
        _ => 2,
    }
}

/// What a word may be the plural of, as English, French and Spanish form it.
pub fn singulars(word: &str) -> Vec<String> {
    let mut singulars = Vec::new();
    if word.chars().count() < 4 || word.ends_with("ss") {
        return singulars;
    }
    singulars.extend(word.strip_suffix("ies").map(|stem| format!("{stem}y")));
    singulars.extend(word.strip_suffix("es").map(ToOwned::to_owned));
    singulars.extend(word.strip_suffix('s').map(ToOwned::to_owned));
    singulars
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_counted() {
        for (one, other, expected) in [
            ("alarm", "alarm", Some(0)),
            ("alram", "alarm", Some(1)),
            ("botle", "bottle", Some(1)),
            ("tealight", "tlight", Some(2)),
            ("καφε", "καφες", Some(1)),
            ("lamp", "lantern", None),
            ("", "ab", Some(2)),
        ] {
            assert_eq!(distance(one, other, 2), expected, "{one} {other}");
            assert_eq!(distance(other, one, 2), expected, "{other} {one}");
        }
    }

    #[test]
    fn a_plural_is_known() {
        assert_eq!(singulars("boxes"), ["box", "boxe"]);
        assert_eq!(singulars("candies"), ["candy", "candi", "candie"]);
        assert_eq!(singulars("glass"), Vec::<String>::new());
        assert_eq!(singulars("bus"), Vec::<String>::new());
    }
}
