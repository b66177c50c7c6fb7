//! The files that pages load: one style sheet, one script, one icon, all from here.

use std::sync::LazyLock;

use axum::Router;
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use service::knows;
use sha2::{Digest, Sha256};
use tower_http::compression::CompressionLayer;

/// A file, and a hash of it: under its own URL it never changes, so browsers keep it.
pub struct Asset {
    path: &'static str,
    content_type: &'static str,
    content: &'static str,
    hash: String,
}

pub static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("/assets/web.css", "text/css; charset=utf-8", include_str!("../assets/web.css"))
});
pub static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("/assets/web.js", "text/javascript; charset=utf-8", include_str!("../assets/web.js"))
});
/// What only the console's pages load.
pub static CONSOLE_STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("/assets/console.css", "text/css; charset=utf-8", include_str!("../assets/console.css"))
});
pub static CONSOLE_SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("/assets/console.js", "text/javascript; charset=utf-8", include_str!("../assets/console.js"))
});
pub static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("/assets/icon.svg", "image/svg+xml", include_str!("../assets/icon.svg")));

impl Asset {
    fn new(path: &'static str, content_type: &'static str, content: &'static str) -> Self {
        let hash = Sha256::digest(content);
        Self { path, content_type, content, hash: URL_SAFE_NO_PAD.encode(hash.get(..9).unwrap_or(&hash)) }
    }

    /// Where it is, with its hash.
    pub fn url(&self) -> String {
        format!("{}?{}", self.path, self.hash)
    }

    fn answer(&self, headers: &HeaderMap) -> Response {
        let tag = format!("\"{}\"", self.hash);
        let known = knows(headers, &tag);
        let kept = [
            (CACHE_CONTROL, "public, max-age=31536000, immutable".to_owned()),
            (ETAG, tag),
            (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        ];
        if known {
            return (axum::http::StatusCode::NOT_MODIFIED, kept).into_response();
        }
        (kept, [(CONTENT_TYPE, self.content_type)], self.content).into_response()
    }
}

/// The files' routes.
pub fn routes() -> Router {
    let files: [&'static LazyLock<Asset>; 5] = [&STYLE, &SCRIPT, &CONSOLE_STYLE, &CONSOLE_SCRIPT, &ICON];
    let route = |router: Router, file: &'static LazyLock<Asset>| {
        router.route(file.path, get(async move |headers: HeaderMap| file.answer(&headers)))
    };
    files.into_iter().fold(Router::new(), route).layer(CompressionLayer::new())
}
