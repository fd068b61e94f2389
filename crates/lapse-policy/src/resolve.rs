//! What holds for a library on a day: one walk over every statement about a key, lowest precedence first (policy.md, "What
//! a value is on day D"). `Policy::on` keeps the last statement, which decides, and `Policy::trail` keeps all of them.

use std::sync::LazyLock;

use toml::de::DeValue;

use crate::file::{Assignment, CodeId, EntryId, PolicyFile, Statement, Target};
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
    pub fn visit(&self, target: Target, marks: Option<&Marks>, mut visit: impl FnMut(&'a PolicyFile, &'a Statement)) {
        let target = target.in_one_unit();
        // What is enforced about a keep or end freezes it: no file below counts.
        let counting = target.entry().map_or(3, |entry| self.counting(entry));
        let mut files = self.files();
        files[counting..].fill(None);
        let general = files.map(|file| (file, about(file, target.general())));
        let own = files.map(|file| (file, target.code.map_or(&[][..], |_| about(file, target))));

        // What holds within a file comes before what holds between files. What is said of one subscription beats what is said
        // of all, in whatever file it stands.
        for (file, statements) in general.into_iter().chain(own) {
            let Some(file) = file else { continue };
            for statement in statements {
                if !self.enforces(file, statement, target) && self.holds(file, statement, marks) {
                    visit(file, statement);
                }
            }
        }
        // What is enforced beats all of that. The consortium comes last, since it beats groups.
        for layer in [1, 0] {
            let (Some(file), statements) = general[layer] else { continue };
            for statement in statements.iter().chain(own[layer].1) {
                if self.enforces(file, statement, target) && self.holds(file, statement, marks) {
                    visit(file, statement);
                }
            }
        }
    }

    /// Whether a statement is enforced against the library: it is of an enforced amendment, and not released by now.
    fn enforces(&self, file: &PolicyFile, statement: &Statement, target: Target) -> bool {
        statement.enforced && !self.library.is_some_and(|library| file.releases(target, library.id, self.day))
    }

    /// How many of the files count for a keep or end, from the consortium down: those below one that enforces something of it
    /// do not.
    pub fn counting(&self, entry: EntryId) -> usize {
        let freezes = |file: Option<&PolicyFile>| {
            file.is_some_and(|file| {
                file.freezing.iter().any(|statement| {
                    statement.target.entry() == Some(entry)
                        && self.enforces(file, statement, statement.target)
                        && self.holds(file, statement, None)
                })
            })
        };
        let [consortium, group, _] = self.files();
        if freezes(consortium) {
            1
        } else if freezes(group) {
            2
        } else {
            3
        }
    }

    /// Every statement about a keep or end that counts on the day.
    pub fn about_entry(&self, entry: EntryId) -> Vec<(&'a PolicyFile, &'a Statement)> {
        let files = self.files().into_iter().take(self.counting(entry)).flatten();
        files
            .filter(|file| file.names(entry))
            .flat_map(|file| file.about_entry(entry).map(move |statement| (file, statement)))
            .filter(|(file, statement)| self.holds(file, statement, None))
            .collect()
    }

    /// The statement that decides a value; none where no file says anything.
    pub fn winner(&self, target: Target, marks: Option<&Marks>) -> Option<(&'a PolicyFile, &'a Statement)> {
        let mut winner = None;
        self.visit(target, marks, |file, statement| winner = Some((file, statement)));
        winner
    }

    pub fn holds(&self, file: &PolicyFile, statement: &Statement, marks: Option<&Marks>) -> bool {
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
    fn decided(&self, target: Target, marks: Option<&Marks>) -> Option<(&'a Value, Origin)> {
        match self.winner(target, marks) {
            Some((_, Statement { assignment, .. })) => {
                Some((&self.assignments[assignment.0 as usize].value, Origin::File(*assignment)))
            }
            None => default(target.key).map(|value| (value, Origin::BuiltIn)),
        }
    }

    /// The value of a key of a subscription, keep or end, or of another table where the target names none.
    pub fn value(&self, target: Target, marks: Option<&Marks>) -> Option<&'a Value> {
        self.decided(target, marks).map(|(value, _)| value)
    }

    /// The value of a key that always has one.
    pub fn sourced<T: FromValue>(&self, target: Target, marks: Option<&Marks>) -> Sourced<T> {
        self.maybe(target, marks).expect("a policy without errors says every required key")
    }

    /// The value of a key that may have none.
    pub fn maybe<T: FromValue>(&self, target: Target, marks: Option<&Marks>) -> Option<Sourced<T>> {
        let (value, origin) = self.decided(target, marks)?;
        Some(Sourced {
            value: T::from_value(value).expect("a value has the type that the schema gives its key"),
            origin,
        })
    }

    /// The value of a key that may have none, where `none` in a file is told from silence by its origin.
    pub fn optional<T: FromValue>(&self, target: Target, marks: Option<&Marks>) -> Sourced<Option<T>> {
        self.maybe(target, marks).unwrap_or(Sourced { value: None, origin: Origin::BuiltIn })
    }

    /// A name, which is the code where no file says it.
    pub fn name(&self, target: Target, code: &str) -> Sourced<String> {
        self.maybe(target, None).unwrap_or_else(|| Sourced { value: code.to_owned(), origin: Origin::BuiltIn })
    }

    /// The holder and category of a subscription, or of the defaults of all subscriptions without a code. No amendment with
    /// `only` sets them, so they are known before `only` is looked at.
    pub fn marks(&self, code: Option<CodeId>) -> Marks {
        let target = |key| Target { key, code, fact: None };
        Marks {
            holder: self.sourced(target(Key::Holder), None).value,
            category: self.sourced(target(Key::Category), None).value,
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
