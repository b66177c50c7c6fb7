use sqlx::PgConnection;

/// Empties the copies of what other services published. The carts themselves are not copies.
pub(crate) async fn clear_copies(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM products").execute(&mut *connection).await?;
    sqlx::query("DELETE FROM suggestions").execute(&mut *connection).await?;
    sqlx::query("DELETE FROM holds").execute(connection).await?;
    Ok(())
}
