//! What the columns of a list can hold, and the headers by which each is known.

/// What a column can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// The library, by code or name.
    Library,
    /// The subscription, by code or name.
    Subscription,
    /// Who holds it.
    Holder,
    /// Its category.
    Category,
    /// Its fee, in euro.
    Fee,
    /// How it is renewed now.
    RenewalNow,
    /// How it is renewed from the row's date on.
    RenewalFrom,
    /// Its lapse term in months now.
    LapseNow,
    /// Its lapse term in months from the row's date on.
    LapseFrom,
    /// The row's date.
    From,
    /// The reason for the change.
    Reason,
}

impl Column {
    /// Every column.
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

    /// The headers that mean it, normalised.
    pub const fn headers(self) -> &'static [&'static str] {
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

    /// The column with this header, which is normalised.
    pub fn of_header(header: &str) -> Option<Column> {
        Column::ALL.into_iter().find(|column| column.headers().contains(&header))
    }
}

/// A header in small letters, with single spaces for all that is neither a letter, nor a digit, nor part of a date.
pub fn normalised(header: &str) -> String {
    let kept = |letter: char| letter.is_alphanumeric() || "/-.".contains(letter);
    let spaced: String = header.to_lowercase().chars().map(|letter| if kept(letter) { letter } else { ' ' }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}
