//! Pictures of products that have none: drawn from what the product is called and from its SKU, always the same.

mod motif;
mod palette;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use sha2::{Digest, Sha256};

use super::visit::Visit;
use crate::services::catalog::Product;
use motif::Motif;
use palette::Palette;

/// How many different ones there are of a motif. Few enough for browsers to keep, and many enough to look different.
const VARIANTS: u16 = 240;

/// The picture of a product, beside which its name is shown.
pub fn picture(sku: &str, name: &str, size: u16) -> Markup {
    let hash = Sha256::digest(sku);
    let number = hash.iter().take(2).fold(0, |number: u16, byte| number << 8 | u16::from(*byte)) % VARIANTS;
    let url = format!("/shop/pictures/{}-{number}.svg", Motif::of(name).name());
    html! { img src=(url) width=(size) height=(size) alt="" loading="lazy" decoding="async"; }
}

/// The picture that the shop has of a product, or one that is drawn.
pub fn picture_of(visit: &Visit, product: &Product, size: u16) -> Markup {
    match product.picture.as_deref().filter(|url| visit.state.picture_origins.allow(url)) {
        Some(url) => {
            html! { img src=(url) width=(size) height=(size) alt="" loading="lazy" decoding="async"; }
        }
        None => picture(&product.sku, &product.name, size),
    }
}

/// Draws one.
pub async fn show(Path(file): Path<String>) -> Response {
    let Some(svg) = parse(&file).map(|(motif, number)| draw(motif, number)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (CONTENT_TYPE, "image/svg+xml"),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"),
    ];
    (headers, svg).into_response()
}

fn parse(file: &str) -> Option<(Motif, u16)> {
    let (motif, number) = file.strip_suffix(".svg")?.split_once('-')?;
    let number = number.parse().ok().filter(|number| *number < VARIANTS)?;
    Some((Motif::named(motif)?, number))
}

/// A still life: a thing on a table before a wall, in colours that go together.
fn draw(motif: Motif, number: u16) -> String {
    let Palette { wall, glow, table, main, light, dark } = Palette::numbered(number);
    let (turn, lift) = (i32::from(number % 9) - 4, i32::from(number / 9 % 5) * 3);
    let (sun_x, sun_y) = (90 + i32::from(number % 7) * 36, 80 + i32::from(number / 7 % 5) * 18);
    let shape = motif.shape();
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" fill="none"><rect width="400" height="400" fill="{wall}"/><circle cx="{sun_x}" cy="{sun_y}" r="120" fill="{glow}"/><path d="M0 {table_y}q200 -26 400 0V400H0Z" fill="{table}"/><ellipse cx="200" cy="316" rx="112" ry="16" fill="#000" opacity=".13"/><g transform="translate(0 {up}) rotate({turn} 200 300)" style="--m:{main};--l:{light};--d:{dark}" stroke-linejoin="round" stroke-linecap="round">{shape}</g></svg>"##,
        table_y = 290 - lift,
        up = -lift / 3,
        shape = shape.replace("$m", &main).replace("$l", &light).replace("$d", &dark),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_has_always_the_same_picture_and_it_shows_what_the_product_is() {
        let url = picture("85123A", "White hanging heart t-light holder", 400).into_string();
        assert_eq!(url, picture("85123A", "White hanging heart t-light holder", 400).into_string());
        assert!(url.contains("/candle-"), "{url}");
        assert_ne!(url, picture("85123B", "White hanging heart t-light holder", 400).into_string());
    }

    #[test]
    fn every_motif_can_be_drawn_and_nothing_else() {
        for motif in Motif::ALL {
            let (parsed, _) = parse(&format!("{}-7.svg", motif.name())).unwrap();
            let svg = draw(parsed, 7);
            assert!(svg.ends_with("</svg>") && !svg.contains('$'), "{svg}");
        }
        for wrong in ["heart-240.svg", "heart-7.png", "none-7.svg", "heart.svg", "heart-<.svg"] {
            assert!(parse(wrong).is_none(), "{wrong}");
        }
    }
}
