use std::sync::Arc;

use url::{Origin, Url};

/// From where products' pictures may be loaded, besides from here.
#[derive(Clone, Debug, Default)]
pub struct PictureOrigins(Arc<[Origin]>);

/// One of them, as a setting has it: `https://pictures.example`.
///
/// # Errors
/// When it is none.
pub fn origin(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("{error}: write it like https://pictures.example"))?;
    let is_origin = ["http", "https"].contains(&url.scheme()) && url.path() == "/" && url.query().is_none();
    if is_origin { Ok(url) } else { Err("not an origin like https://pictures.example".to_owned()) }
}

impl PictureOrigins {
    pub fn new(urls: &[Url]) -> Self {
        Self(urls.iter().map(Url::origin).collect())
    }

    /// Whether a picture may be loaded from there.
    pub fn allow(&self, picture: &str) -> bool {
        Url::parse(picture).is_ok_and(|url| self.0.contains(&url.origin()))
    }

    /// As a Content-Security-Policy has them.
    pub fn sources(&self) -> String {
        self.0.iter().flat_map(|origin| [" ".to_owned(), origin.ascii_serialization()]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pictures_of_these_origins_are_loaded() {
        let origins = PictureOrigins::new(&[origin("https://pictures.example").unwrap()]);
        assert!(origins.allow("https://pictures.example/a/b.jpg?size=2"));
        for other in [
            "http://pictures.example/a.jpg",
            "https://pictures.example.evil.example/a.jpg",
            "/a.jpg",
            "data:,",
        ] {
            assert!(!origins.allow(other), "{other}");
        }
        assert_eq!(origins.sources(), " https://pictures.example");
        assert!(origin("https://pictures.example/folder").is_err() && origin("javascript:alert(1)").is_err());
    }
}
