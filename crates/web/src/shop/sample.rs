//! An empty shop offers to fill itself with a real catalogue, to try it out.

use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::changes::refused_form;
use super::failed::failed;
use super::visit::Visit;
use crate::forms::{Forged, OwnForm};
use crate::sample;
use crate::services::Failure;

/// How many products are written by one request.
const BATCH: usize = 1000;

#[derive(Deserialize)]
pub struct Load {
    admin_key: String,
}

/// What stands on the first page of an empty shop.
pub fn offer(visit: &Visit) -> Markup {
    let texts = &visit.texts.shop;
    html! {
        section.message {
            h1 { (texts.empty_shop) }
            p { (texts.empty_shop_hint) }
            form.sample action="/shop/sample" method="post" {
                (visit.form.field())
                label for="admin_key" { (texts.admin_key) }
                input #admin_key type="password" name="admin_key" autocomplete="off" required;
                button type="submit" { (texts.load_sample) }
            }
            p.hint { (texts.sample_origin) }
        }
    }
}

/// Fills the shop. The services look whether the key is right.
pub async fn load(visit: Visit, form: Result<OwnForm<Load>, Forged>) -> Response {
    let OwnForm(Load { admin_key }) = match form {
        Ok(form) => form,
        Err(forged) => return refused_form(&visit, forged),
    };
    let filled = fill(&visit, admin_key.trim()).await;
    visit.state.categories.forget().await;
    match filled {
        Ok(()) => Redirect::to("/shop?notice=filled").into_response(),
        Err(failure) => failed(&visit, &failure),
    }
}

async fn fill(visit: &Visit, admin_key: &str) -> Result<(), Failure> {
    let Ok(products) = sample::products() else { return Err(Failure::Unavailable) };
    let services = &visit.state.services;
    for batch in products.chunks(BATCH) {
        let entries: Vec<_> = batch.iter().map(sample::Product::for_catalog).collect();
        services.import_products(admin_key, &entries).await?;
        let stock: Vec<_> = batch.iter().map(sample::Product::stock).collect();
        services.import_stock(admin_key, &stock).await?;
    }
    Ok(())
}
