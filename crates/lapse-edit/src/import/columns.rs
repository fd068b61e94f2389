//! What each column of the list holds: found by its header, in Dutch or English, or by a small file that maps them.

use std::collections::BTreeMap;

use lapse_policy::{Day, nearest};
use toml_edit::{DocumentMut, Item, TableLike, Value};

use super::sheet::{Content, Sheet, SheetRow, address};
use super::{Problem, read_day};

/// A row that is looked through for headers; a list may have a title above them.
const FIRST_ROWS: usize = 20;

/// What a column can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    Library,
    Subscription,
    Holder,
    Category,
    Fee,
    RenewalNow,
    RenewalFrom,
    LapseNow,
    LapseFrom,
    From,
    Reason,
}

impl Column {
    pub const ALL: [Column; 11] = [
        Column::Library,
        Column::Subscription,
        Column::Holder,
        Column::Category,
        Column::Fee,
        Column::RenewalNow,
        Column::RenewalFrom,
        Column::LapseNow,
        Column::LapseFrom,
        Column::From,
        Column::Reason,
    ];

    /// The name in the file that maps columns.
    pub const fn as_str(self) -> &'static str {
        match self {
            Column::Library => "library",
            Column::Subscription => "subscription",
            Column::Holder => "holder",
            Column::Category => "category",
            Column::Fee => "fee",
            Column::RenewalNow => "renewal_now",
            Column::RenewalFrom => "renewal_from",
            Column::LapseNow => "lapse_now",
            Column::LapseFrom => "lapse_from",
            Column::From => "from",
            Column::Reason => "reason",
        }
    }

    /// The headers that mean it, in small letters and with single spaces.
    const fn headers(self) -> &'static [&'static str] {
        match self {
            Column::Library => &["library", "bibliotheek", "instantie"],
            Column::Subscription => &["subscription", "abonnement", "abonnementsoort", "abonnementssoort"],
            Column::Holder => &["holder", "houder", "soort houder"],
            Column::Category => &["category", "categorie"],
            Column::Fee => &["fee", "lidgeld", "prijs", "kostprijs", "bedrag"],
            Column::RenewalNow => &["renewal now", "renewal", "verlenging nu", "huidige verlenging", "verlenging"],
            Column::RenewalFrom => &["renewal from", "new renewal", "verlenging vanaf", "nieuwe verlenging"],
            Column::LapseNow => &[
                "lapse now",
                "lapse term now",
                "lapse months now",
                "lapse months",
                "term now",
                "termijn nu",
                "vervaltermijn nu",
                "huidige termijn",
                "termijn",
            ],
            Column::LapseFrom => &[
                "lapse from",
                "lapse term from",
                "lapse months from",
                "term from",
                "new term",
                "termijn vanaf",
                "vervaltermijn vanaf",
                "nieuwe termijn",
            ],
            Column::From => &["from", "from date", "date", "vanaf", "vanaf datum", "datum", "ingangsdatum"],
            Column::Reason => &["reason", "reden"],
        }
    }

    fn of_header(header: &str) -> Option<Column> {
        Column::ALL.into_iter().find(|column| column.headers().contains(&header))
    }
}

/// What the file given with `--columns` says.
#[derive(Debug, Default)]
pub struct Mapping {
    headers: BTreeMap<Column, String>,
    values: BTreeMap<Column, Content>,
}

/// Where what is to be found in each row.
#[derive(Debug)]
pub struct Columns {
    places: BTreeMap<Column, usize>,
    values: BTreeMap<Column, Content>,
    /// The number of the row with the headers.
    pub header_row: u32,
    /// The headers of columns that nothing is read from, with their addresses.
    pub unused: Vec<(String, String)>,
}

impl Columns {
    /// Finds the row with the headers.
    pub fn find(sheet: &Sheet, mapping: &Mapping) -> Result<Columns, String> {
        let mut missing = String::new();
        for row in sheet.rows.iter().take(FIRST_ROWS) {
            match Columns::of_row(row, mapping) {
                Ok(columns) => return Ok(columns),
                Err(Miss::Twice(sentence)) => return Err(sentence),
                Err(Miss::Lacks(sentence)) if missing.is_empty() => missing = sentence,
                Err(Miss::Lacks(_)) => {}
            }
        }
        Err(if missing.is_empty() { "there is no row in it".to_owned() } else { missing })
    }

    fn of_row(row: &SheetRow, mapping: &Mapping) -> Result<Columns, Miss> {
        let mapped = &mapping.headers;
        let mut values = mapping.values.clone();
        let mut places = BTreeMap::new();
        let mut unused = Vec::new();
        for (index, cell) in row.cells.iter().enumerate() {
            if *cell == Content::Empty {
                continue;
            }
            let at = address(index, row.number);
            let header = cell.shown();
            let plain = normalised(&header);
            let by_map = mapped.iter().find(|(_, header)| **header == plain).map(|(&column, _)| column);
            let (bare, day) = without_date(&plain);
            let known = || Column::of_header(&bare).filter(|column| !mapped.contains_key(column));
            let Some(column) = by_map.or_else(known) else {
                unused.push((at, header));
                continue;
            };
            if let Some(day) = day.filter(|_| by_map.is_none()) {
                values.entry(Column::From).or_insert(Content::Day(day));
            }
            if let Some(first) = places.insert(column, index) {
                let first = address(first, row.number);
                return Err(Miss::Twice(format!("{first} and {at} are both headers of `{}`", column.as_str())));
            }
        }
        for column in mapped.keys().chain(&[Column::Library, Column::Subscription]) {
            if !places.contains_key(column) && !values.contains_key(column) {
                let header = mapped.get(column).map_or_else(|| column.headers().join("` or `"), Clone::clone);
                let name = column.as_str();
                return Err(Miss::Lacks(format!(
                    "no column has the header `{header}` for `{name}`; name the header in a file and give it with --columns"
                )));
            }
        }
        Ok(Columns { places, values, header_row: row.number, unused })
    }

    /// What a row has in a column, and where.
    pub fn cell(&self, row: &SheetRow, column: Column) -> (Content, String) {
        let place = self.places.get(&column);
        let content = place.and_then(|&index| row.cells.get(index)).cloned().unwrap_or_default();
        let at = place.map_or_else(|| format!("row {}", row.number), |&index| address(index, row.number));
        match (content, self.values.get(&column)) {
            (Content::Empty, Some(value)) => (value.clone(), at),
            (content, _) => (content, at),
        }
    }

    /// A cell with something in it that has no header above it.
    pub fn stray(&self, row: &SheetRow) -> Option<Problem> {
        let headed = |index: usize| {
            self.places.values().any(|&place| place == index)
                || self.unused.iter().any(|(at, _)| *at == address(index, self.header_row))
        };
        let (index, _) =
            row.cells.iter().enumerate().find(|&(index, cell)| *cell != Content::Empty && !headed(index))?;
        Some(Problem { address: address(index, row.number), sentence: "no header stands above this".to_owned() })
    }
}

/// Why a row is not the one with the headers.
enum Miss {
    Lacks(String),
    Twice(String),
}

/// In small letters, with a space for everything that is no letter, digit or part of a date.
fn normalised(header: &str) -> String {
    let kept = |letter: char| letter.is_alphanumeric() || "/-.".contains(letter);
    let spaced: String = header.to_lowercase().chars().map(|letter| if kept(letter) { letter } else { ' ' }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A header such as `verlenging vanaf 1/7/2022` in two parts.
fn without_date(header: &str) -> (String, Option<Day>) {
    match header.rsplit_once(' ').map(|(before, last)| (before, read_day(last))) {
        Some((before, Some(day))) => (before.to_owned(), Some(day)),
        Some((_, None)) | None => (header.to_owned(), None),
    }
}

impl Mapping {
    /// Reads the file: `[columns]` with headers, `[values]` with what holds for every row.
    pub fn read(text: &str) -> Result<Mapping, String> {
        let document: DocumentMut =
            text.parse().map_err(|error: toml_edit::TomlError| format!("this is not TOML: {}", error.message()))?;
        let mut mapping = Mapping::default();
        for (name, item) in document.iter() {
            let table = item.as_table_like().ok_or_else(|| format!("`{name}` is no table"))?;
            match name {
                "columns" => {
                    for (column, item) in entries(table)? {
                        let header =
                            item.as_str().ok_or_else(|| format!("`columns.{}` is no text", column.as_str()))?;
                        mapping.headers.insert(column, normalised(header));
                    }
                }
                "values" => {
                    for (column, item) in entries(table)? {
                        let value = value(item).ok_or_else(|| format!("`values.{}` is no value", column.as_str()))?;
                        mapping.values.insert(column, value);
                    }
                }
                _ => return Err(format!("unknown table `{name}`: expected `columns` or `values`")),
            }
        }
        Ok(mapping)
    }
}

fn entries(table: &dyn TableLike) -> Result<Vec<(Column, &Item)>, String> {
    let names = || Column::ALL.into_iter().map(Column::as_str);
    let known = |name: &str| Column::ALL.into_iter().find(|column| column.as_str() == name);
    table
        .iter()
        .map(|(name, item)| match (known(name), nearest(name, names())) {
            (Some(column), _) => Ok((column, item)),
            (None, Some(near)) => Err(format!("unknown column `{name}`: did you mean `{near}`?")),
            (None, None) => {
                Err(format!("unknown column `{name}`: expected one of {}", names().collect::<Vec<_>>().join(", ")))
            }
        })
        .collect()
}

fn value(item: &Item) -> Option<Content> {
    match item.as_value()? {
        Value::String(text) => Some(Content::Text(text.value().trim().to_owned())),
        #[expect(clippy::cast_precision_loss, reason = "no number of a list of subscriptions is that large")]
        Value::Integer(number) => Some(Content::Number(*number.value() as f64)),
        Value::Float(number) => Some(Content::Number(*number.value())),
        Value::Datetime(moment) => read_day(&moment.value().to_string()).map(Content::Day),
        Value::Boolean(_) | Value::Array(_) | Value::InlineTable(_) => None,
    }
}
