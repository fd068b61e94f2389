//! What holds for a library on a day: one walk over every statement about a key, lowest precedence first (policy.md, "What
//! a value is on day D"). `Policy::on` keeps the last statement, which decides, and `Policy::trail` keeps all of them.

use std::sync::LazyLock;

use toml::de::DeValue;

use crate::file::{Assignment, CodeId, PolicyFile, Statement, Target};
use crate::schema::{KEYS, Key, Table};
use crate::source::FileId;
use crate::value::{self, FromValue, Value};
use crate::{Day, Holder, Origin, Sourced};

/// The built-in defaults by key. They are read from the schema as a file would be, so that both have one notation.
static DEFAULTS: LazyLock<Vec<Option<Value>>> = LazyLock::new(|| {
    KEYS.iter()
        .map(|spec| {
            let text = DeValue::parse(spec.default?).expect("a default is TOML");
            Some(value::read(spec.kind, &text).expect("a default fits its key"))
        })
        .collect()
});

/// The built-in value of a key; none where policy.md gives none.
pub(crate) fn default(key: Key) -> Option<&'static Value> {
    DEFAULTS[key as usize].as_ref()
}

/// The files that speak about one library, or about the consortium or a group alone, on one day.
#[derive(Clone, Copy)]
pub(crate) struct Stack<'a> {
    pub assignments: &'a [Assignment],
    pub consortium: &'a PolicyFile,
    pub group: Option<&'a PolicyFile>,
    pub library: Option<&'a PolicyFile>,
    pub day: Day,
    /// An amendment to leave out, so as to see what it changes: the file and the index in it.
    pub without: Option<(FileId, usize)>,
}

/// What `only` of an amendment looks at in a subscription.
pub(crate) struct Marks {
    pub holder: Holder,
    pub category: String,
}

impl<'a> Stack<'a> {
    pub fn files(&self) -> [Option<&'a PolicyFile>; 3] {
        [Some(self.consortium), self.group, self.library]
    }

    /// The first day of the calendar, and every day on which some amendment of the files begins.
    pub fn days(&self) -> Vec<Day> {
        let amendments = self.files().into_iter().flatten().flat_map(|file| &file.amendments);
        let mut days: Vec<_> = std::iter::once(Day::MIN).chain(amendments.map(|amendment| amendment.from)).collect();
        days.sort_unstable();
        days.dedup();
        days
    }

    /// Visits every statement about a key that holds, lowest precedence first.
    /// `marks` are those of the subscription; none for the keys that `only` never limits.
    pub fn visit(
        &self,
        key: Key,
        code: Option<CodeId>,
        marks: Option<&Marks>,
        mut visit: impl FnMut(&'a PolicyFile, &'a Statement),
    ) {
        let files = self.files();
        let general = files.map(|file| (file, about(file, Target { key, code: None })));
        let own = files.map(|file| (file, code.map_or(&[][..], |_| about(file, Target { key, code }))));

        // What holds within a file comes before what holds between files. What is said of one subscription beats what is said
        // of all, in whatever file it stands.
        for (file, statements) in general.into_iter().chain(own) {
            let Some(file) = file else { continue };
            for statement in statements {
                if !statement.enforced && self.holds(file, statement, marks) {
                    visit(file, statement);
                }
            }
        }
        // What is enforced beats all of that. The consortium comes last, since it beats groups.
        for layer in [1, 0] {
            let (Some(file), statements) = general[layer] else { continue };
            for statement in statements.iter().chain(own[layer].1) {
                if statement.enforced && self.holds(file, statement, marks) {
                    visit(file, statement);
                }
            }
        }
    }

    fn holds(&self, file: &PolicyFile, statement: &Statement, marks: Option<&Marks>) -> bool {
        if statement.from.is_some_and(|from| from > self.day) {
            return false;
        }
        if self.leaves_out(file, statement.amendment) {
            return false;
        }
        match file.only(statement) {
            Some(only) => marks.is_some_and(|marks| only.matches(marks.holder, &marks.category)),
            None => true,
        }
    }

    fn leaves_out(&self, file: &PolicyFile, amendment: Option<usize>) -> bool {
        self.without.is_some_and(|(left, index)| left == file.id && amendment == Some(index))
    }

    /// The value that holds and where it was decided; none where no file says it and policy.md gives no default.
    fn decided(&self, key: Key, code: Option<CodeId>, marks: Option<&Marks>) -> Option<(&'a Value, Origin)> {
        let mut winner = None;
        self.visit(key, code, marks, |_, statement| winner = Some(statement.assignment));
        match winner {
            Some(id) => Some((&self.assignments[id.0 as usize].value, Origin::File(id))),
            None => default(key).map(|value| (value, Origin::BuiltIn)),
        }
    }

    /// The value of a key of a subscription, or of another table where `code` is none.
    pub fn value(&self, key: Key, code: Option<CodeId>, marks: Option<&Marks>) -> Option<&'a Value> {
        self.decided(key, code, marks).map(|(value, _)| value)
    }

    /// The value of a key that always has one.
    pub fn sourced<T: FromValue>(&self, key: Key, code: Option<CodeId>, marks: Option<&Marks>) -> Sourced<T> {
        let (value, origin) = self.decided(key, code, marks).expect("a policy without errors says every required key");
        Sourced { value: T::from_value(value).expect("a value has the type that the schema gives its key"), origin }
    }

    /// A name, which is the code where no file says it.
    pub fn name(&self, key: Key, id: Option<CodeId>, code: &str) -> Sourced<String> {
        match self.decided(key, id, None) {
            Some((value, origin)) => Sourced { value: String::from_value(value).expect("a name is a text"), origin },
            None => Sourced { value: code.to_owned(), origin: Origin::BuiltIn },
        }
    }

    /// The holder and category of a subscription, or of the defaults of all subscriptions without a code. No amendment with
    /// `only` sets them, so they are known before `only` is looked at.
    pub fn marks(&self, code: Option<CodeId>) -> Marks {
        Marks {
            holder: self.sourced(Key::Holder, code, None).value,
            category: self.sourced(Key::Category, code, None).value,
        }
    }

    /// Whether a subscription exists on the day: some file names it.
    pub fn offers(&self, code: CodeId) -> bool {
        self.files().into_iter().flatten().any(|file| {
            file.subscriptions.iter().any(|named| {
                named.code == code
                    && named.from.is_none_or(|from| from <= self.day)
                    && !self.leaves_out(file, named.amendment)
            })
        })
    }
}

fn about(file: Option<&PolicyFile>, target: Target) -> &[Statement] {
    file.map_or(&[][..], |file| file.about(target))
}

/// Whether `only` may decide about a key.
pub(crate) fn is_marked(key: Key) -> bool {
    key.spec().table == Table::Subscription && !matches!(key, Key::Holder | Key::Category)
}
