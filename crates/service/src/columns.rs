/// Binds rows to a statement as one array per column, for `unnest`:
///
/// ```
/// # use service::columns;
/// # struct Line { sku: String, quantity: i64 }
/// # let lines: Vec<Line> = Vec::new();
/// let insert = sqlx::query("INSERT INTO lines (sku, quantity) SELECT * FROM unnest($1::text[], $2::bigint[])");
/// let insert = columns!(insert, for line in lines => line.sku.as_str(), line.quantity);
/// # let _ = insert;
/// ```
///
/// The columns become the statement's next parameters, in their order; their types are those of the expressions.
#[macro_export]
macro_rules! columns {
    ($statement:expr, for $row:pat in $rows:expr => $($column:expr),+ $(,)?) => {{
        let rows = &$rows;
        #[allow(unused_variables, reason = "a column uses a part of the row")]
        let bound = $statement$(.bind(rows.into_iter().map(|$row| $column).collect::<Vec<_>>()))+;
        bound
    }};
}
