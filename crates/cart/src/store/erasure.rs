//! Erases the shopper of a cart that has ended, in the transaction that ends it.

use sqlx::PgConnection;
use uuid::Uuid;

/// Nobody is written to about a cart that is gone.
pub(super) async fn delete_shoppers(connection: &mut PgConnection, carts: &[Uuid]) -> sqlx::Result<()> {
    if !carts.is_empty() {
        let delete = sqlx::query(
            "DELETE FROM shoppers WHERE ctid = ANY (ARRAY(
                 SELECT found.place FROM unnest($1::uuid[]) AS gone (cart_id)
                 CROSS JOIN LATERAL (
                     SELECT ctid AS place FROM shoppers WHERE shoppers.cart_id = gone.cart_id OFFSET 0
                 ) AS found))",
        );
        delete.bind(carts).execute(connection).await?;
    }
    Ok(())
}
