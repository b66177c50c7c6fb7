use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::CutHolds;

/// How a sheet is taken.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SheetQuery {
    /// Whether lines that are right are taken although others are wrong. Otherwise one wrong line keeps all from being taken.
    #[serde(default)]
    pub partial: bool,
    /// Which holds lose pieces, where fewer are there than are held for carts. If it is left out, such a line is refused.
    #[param(inline)]
    pub cut_holds: Option<CutHolds>,
}

/// What became of a sheet.
#[derive(Serialize, ToSchema)]
pub struct SheetReport {
    /// How many products have another stock than before.
    pub changed: usize,
    /// How many carts' lines lost pieces that were held for them.
    pub cut_lines: usize,
    /// Each line of the sheet.
    pub lines: Vec<SheetLineReport>,
    /// Columns that mean nothing here.
    pub ignored_columns: Vec<String>,
}

/// What became of a line.
#[derive(Serialize, ToSchema)]
#[schema(as = SheetLine)]
pub struct SheetLineReport {
    /// Its number in the file, from 1, which is the line with the names of the columns.
    pub line: u64,
    /// Its product, as written there.
    pub sku: String,
    /// Whether it was taken.
    pub taken: bool,
    /// What is wrong with it, if anything is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}
