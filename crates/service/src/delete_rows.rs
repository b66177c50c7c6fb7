/// The statement that deletes those rows of a table that have the keys in two [columns](crate::columns). It looks them up one
/// by one, so that its plan needs no statistics (ADR 30). To be used where nobody else can change these rows meanwhile: one
/// that was changed has another place then, and stays.
///
/// ```
/// # let gone: Vec<(uuid::Uuid, &str)> = Vec::new();
/// let delete = sqlx::query(service::delete_rows!("lines", ("cart_id", "uuid"), ("sku", "text")));
/// let delete = service::columns!(delete, for (cart_id, sku) in gone => *cart_id, *sku);
/// # let _ = delete;
/// ```
#[macro_export]
macro_rules! delete_rows {
    ($table:literal, ($first:literal, $first_type:literal), ($second:literal, $second_type:literal)) => {
        concat!(
            "DELETE FROM ",
            $table,
            " WHERE ctid = ANY (ARRAY(
                 SELECT found.place
                 FROM unnest($1::",
            $first_type,
            "[], $2::",
            $second_type,
            "[]) AS gone (first, second)
                 CROSS JOIN LATERAL (
                     SELECT ctid AS place FROM ",
            $table,
            " WHERE ",
            $first,
            " = gone.first AND ",
            $second,
            " = gone.second OFFSET 0
                 ) AS found))"
        )
    };
}
