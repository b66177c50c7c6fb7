//! What visitors change in their carts: forms, each with a key, so that one that is sent twice counts once.

mod outcome;

use axum::response::Response;
use serde::Deserialize;
use uuid::Uuid;

use super::visit::Visit;
use crate::forms::{Forged, OwnForm};
use crate::services::Failure;
use crate::services::cart::{CartKey, Change, Done};
use outcome::Outcome;

/// A form of type `T`, or why it is refused.
type Form<T> = Result<OwnForm<T>, Forged>;

#[derive(Deserialize)]
pub struct Add {
    key: Uuid,
    sku: String,
    quantity: i64,
}

/// One of several buttons of a form was pressed.
#[derive(Deserialize)]
pub struct Changed {
    key: Uuid,
    what: What,
    #[serde(default)]
    sku: String,
    quantity: Option<i64>,
    /// Of the cart that was shown.
    version: Option<i64>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum What {
    SetQuantity,
    Remove,
    Save,
    MoveBack,
    RemoveSaved,
    Empty,
    SeePrices,
}

#[derive(Deserialize)]
pub struct Reopen {
    key: Uuid,
}

#[derive(Deserialize)]
pub struct Merge {
    key: Uuid,
    code: String,
}

#[derive(Deserialize)]
pub struct Email {
    key: Uuid,
    email: String,
}

/// Adds pieces of a product; opens a cart first, if there is none that can be changed.
pub async fn add(visit: Visit, form: Form<Add>) -> Response {
    let OwnForm(Add { key, sku, quantity }) = match form {
        Ok(form) => form,
        Err(forged) => return refused_form(&visit, forged),
    };
    let added = put_in(&visit, key, &Change::Add { sku: &sku, quantity }).await;
    Outcome::of(added, "added").respond(&visit)
}

async fn put_in(visit: &Visit, key: Uuid, change: &Change<'_>) -> Result<(Done, Option<CartKey>), Failure> {
    let services = &visit.state.services;
    let opened = match &visit.cart_key {
        Some(cart) => match services.change_cart(cart, key, change).await {
            Ok(done) => return Ok((done, None)),
            // It has lapsed: all that was in it comes along. It was merged or deleted: there is nothing to bring.
            Err(failure) if failure.is("cart-ended") => match services.reopen_cart(cart, key).await {
                Ok(again) => again,
                Err(Failure::Refused { .. }) => services.open_cart(key).await?,
                Err(failure) => return Err(failure),
            },
            Err(failure) if failure.is("unknown-cart") => services.open_cart(key).await?,
            Err(failure) => return Err(failure),
        },
        None => services.open_cart(key).await?,
    };
    let done = services.change_cart(&opened, key, change).await?;
    Ok((done, Some(opened)))
}

/// Changes what is in the cart.
pub async fn change(visit: Visit, form: Form<Changed>) -> Response {
    let OwnForm(Changed { key, what, sku, quantity, version }) = match form {
        Ok(form) => form,
        Err(forged) => return refused_form(&visit, forged),
    };
    let (sku, quantity) = (sku.as_str(), quantity.unwrap_or(1));
    let (change, notice) = match what {
        What::SetQuantity if quantity < 1 => (Change::Remove { sku }, "removed"),
        What::SetQuantity => (Change::SetQuantity { sku, quantity }, "changed"),
        What::Remove => (Change::Remove { sku }, "removed"),
        What::Save => (Change::Save { sku }, "saved"),
        What::MoveBack => (Change::MoveBack { sku }, "moved-back"),
        What::RemoveSaved => (Change::RemoveSaved { sku }, "removed"),
        What::Empty => (Change::Empty, "emptied"),
        What::SeePrices => (Change::SeePrices { version: version.unwrap_or_default() }, "prices-seen"),
    };
    change_own(&visit, key, &change, notice).await
}

/// Opens a cart that has lapsed again.
pub async fn reopen(visit: Visit, form: Form<Reopen>) -> Response {
    let OwnForm(Reopen { key }) = match form {
        Ok(form) => form,
        Err(forged) => return refused_form(&visit, forged),
    };
    let Some(cart) = &visit.cart_key else { return Outcome::refused("no-cart").respond(&visit) };
    let reopened = visit.state.services.reopen_cart(cart, key).await;
    Outcome::of(reopened.map(|again| (Done::Now, Some(again))), "reopened").respond(&visit)
}

/// Merges a cart that was filled elsewhere into this one, or takes it, if there is none here.
pub async fn merge(visit: Visit, form: Form<Merge>) -> Response {
    let OwnForm(Merge { key, code }) = match form {
        Ok(form) => form,
        Err(forged) => return refused_form(&visit, forged),
    };
    let Some(other) = CartKey::parse(&code) else { return Outcome::refused("bad-code").respond(&visit) };
    if visit.cart_key.is_some() {
        return change_own(&visit, key, &Change::Merge { from: &other }, "merged").await;
    }
    let taken = visit.state.services.cart(&other).await;
    Outcome::of(taken.map(|_| (Done::Now, Some(other))), "merged").respond(&visit)
}

/// Says whom the mails about the cart go to.
pub async fn attach(visit: Visit, form: Form<Email>) -> Response {
    let OwnForm(Email { key, email }) = match form {
        Ok(form) => form,
        Err(forged) => return refused_form(&visit, forged),
    };
    let attach = Change::Attach { email: email.trim(), language: visit.texts.tag };
    change_own(&visit, key, &attach, "attached").await
}

async fn change_own(visit: &Visit, key: Uuid, change: &Change<'_>, notice: &'static str) -> Response {
    let Some(cart) = &visit.cart_key else { return Outcome::refused("no-cart").respond(visit) };
    let changed = visit.state.services.change_cart(cart, key, change).await;
    Outcome::of(changed.map(|done| (done, None)), notice).respond(visit)
}

/// The answer to a form that isn't ours, or is no form at all.
pub fn refused_form(visit: &Visit, forged: Forged) -> Response {
    Outcome::forged(visit, forged)
}
