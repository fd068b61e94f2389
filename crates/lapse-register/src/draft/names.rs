//! What other systems and languages call the columns of the tables: English, Dutch, French, and the names of Koha, FOLIO,
//! Evergreen and frappe.

/// For each column, the names that mean it, the likeliest first, without case, accents, spaces and signs.
const NAMES: [(&str, &[&str]); 16] = [
    (
        "patron_id",
        &[
            "patronid",
            "borrowernumber",
            "lenernummer",
            "lenersnummer",
            "lenernr",
            "lenerid",
            "lezersnummer",
            "numerolecteur",
            "numerodelecteur",
            "nolecteur",
            "nlecteur",
            "idlecteur",
            "lecteur",
            "usrid",
            "usr",
            "librarymember",
            "lidnummer",
            "id",
            "uuid",
            "pasnummer",
            "kaartnummer",
            "numerodecarte",
            "cardnumber",
            "barcode",
            "userid",
            "user",
            "patron",
            "member",
        ],
    ),
    (
        "birth_date",
        &[
            "birthdate",
            "dateofbirth",
            "dob",
            "geboortedatum",
            "datedenaissance",
            "datenaissance",
            "personaldateofbirth",
        ],
    ),
    (
        "profile_last_active",
        &["profilelastactive", "laatsteaanmelding", "lastlogin", "dernierconnexion", "derniereconnexion"],
    ),
    ("loan_history", &["loanhistory", "leenhistoriek", "keephistory", "historiek", "historique", "historiquedesprets"]),
    (
        "library",
        &[
            "library",
            "branchcode",
            "homeou",
            "homelibrary",
            "homebranch",
            "vestiging",
            "bibliotheek",
            "bibliotheque",
            "site",
            "branch",
            "customfieldshome",
            "customfieldslibrary",
        ],
    ),
    (
        "subscription",
        &[
            "subscription",
            "categorycode",
            "abonnement",
            "abonnementtype",
            "typeabonnement",
            "typedabonnement",
            "patrongroup",
            "usergroup",
            "profile",
            "membershiptype",
            "lenerscategorie",
            "lenerstype",
            "soort",
            "category",
            "categorie",
            "formule",
        ],
    ),
    (
        "valid_from",
        &[
            "validfrom",
            "dateenrolled",
            "enrollmentdate",
            "createdate",
            "inschrijvingsdatum",
            "ingangsdatum",
            "begindatum",
            "startdatum",
            "geldigvan",
            "van",
            "datedebut",
            "dateinscription",
            "datedinscription",
            "debut",
            "fromdate",
            "startdate",
        ],
    ),
    (
        "valid_until",
        &[
            "validuntil",
            "dateexpiry",
            "expirationdate",
            "expiredate",
            "vervaldatum",
            "einddatum",
            "geldigtot",
            "tot",
            "datefin",
            "dateexpiration",
            "datedexpiration",
            "fin",
            "todate",
            "enddate",
            "expirydate",
        ],
    ),
    ("status", &["status", "statut", "toestand", "etat"]),
    ("source", &["source", "bron"]),
    (
        "last_active",
        &[
            "lastactive",
            "lastseen",
            "laatsteactiviteit",
            "laatsteuitlening",
            "laatstebezoek",
            "laatstgebruikt",
            "derniereactivite",
            "dernierpret",
            "dernierevisite",
            "lastactivity",
            "lastcheckout",
            "lastborrowed",
        ],
    ),
    (
        "owed",
        &[
            "owed",
            "amountoutstanding",
            "balanceowed",
            "openstaand",
            "openstaandbedrag",
            "verschuldigd",
            "tebetalen",
            "saldo",
            "solde",
            "montantdu",
            "amountdue",
            "balance",
            "balanceowing",
            "dette",
        ],
    ),
    ("credit", &["credit", "tegoed", "avoir", "balancecredit"]),
    ("blocks", &["blocks", "blokkering", "blokkeringen", "blocages", "blocage", "block"]),
    (
        "items",
        &[
            "items",
            "itemsout",
            "checkouts",
            "uitgeleend",
            "uitleningen",
            "aantaluitgeleend",
            "prets",
            "pretsencours",
            "issues",
        ],
    ),
    ("settled_on", &["settledon", "afgehandeld", "afgehandeldop", "vereffend", "regle", "regularise"]),
];

/// The column of the tables that one with this name most likely is, and how likely: the lower, the likelier. A path is known by
/// its last step too, unless that would be an id, which may be that of anything.
pub fn meaning(name: &str) -> Option<(&'static str, usize)> {
    let last = || {
        let (column, likely) = known(name.rsplit_once('.')?.1)?;
        (column != "patron_id").then_some((column, likely + 100))
    };
    known(name).or_else(last)
}

fn known(name: &str) -> Option<(&'static str, usize)> {
    let plain = plain(name);
    NAMES.iter().find_map(|(column, names)| Some((*column, names.iter().position(|known| *known == plain)?)))
}

/// A name in small letters, without accents, spaces and signs.
fn plain(name: &str) -> String {
    let letters = name.chars().flat_map(char::to_lowercase).map(|letter| match letter {
        'à' | 'â' | 'ä' | 'á' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'î' | 'ï' | 'í' => 'i',
        'ô' | 'ö' | 'ó' => 'o',
        'û' | 'ü' | 'ù' | 'ú' => 'u',
        'ç' => 'c',
        other => other,
    });
    letters.filter(|letter| letter.is_alphanumeric()).collect()
}

/// What a word of a status most likely means.
pub fn status(word: &str) -> Option<&'static str> {
    match plain(word).as_str() {
        "active" | "actief" | "actif" | "a" | "true" | "1" => Some("active"),
        "deregistered" | "uitgeschreven" | "expired" | "verlopen" | "expire" | "inactive" | "inactief" | "inactif" => {
            Some("deregistered")
        }
        "cancelled" | "canceled" | "opgezegd" | "geannuleerd" | "annule" | "resilie" => Some("cancelled"),
        _ => None,
    }
}

/// What a word most likely means as a boolean.
pub fn boolean(word: &str) -> Option<bool> {
    match plain(word).as_str() {
        "j" | "ja" | "y" | "yes" | "o" | "oui" | "1" | "t" | "true" | "x" | "waar" | "vrai" => Some(true),
        "n" | "nee" | "neen" | "no" | "non" | "0" | "f" | "false" | "onwaar" | "faux" => Some(false),
        _ => None,
    }
}

/// The texts that exports write for an empty cell.
pub const EMPTY: [&str; 9] =
    ["NULL", "null", "\\N", "None", "00/00/0000", "0000-00-00", "0000-00-00 00:00:00", "00000000", "n/a"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_in_any_writing() {
        for (name, column) in [
            ("Lenernummer", "patron_id"),
            ("borrowernumber", "patron_id"),
            ("N° lecteur", "patron_id"),
            ("Date d'expiration", "valid_until"),
            ("dateexpiry", "valid_until"),
            ("expire_date", "valid_until"),
            ("personal.dateOfBirth", "birth_date"),
            ("Geldig van", "valid_from"),
            ("Laatste uitlening", "last_active"),
            ("Openstaand bedrag", "owed"),
            ("Bibliothèque", "library"),
        ] {
            assert!(meaning(name).is_some_and(|(meant, _)| meant == column), "{name}");
        }
        assert_eq!(meaning("surname"), None);
    }
}
