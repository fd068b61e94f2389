//! The codes of libraries, subscriptions, sources and blocks as small numbers. The policy's own codes come first, so
//! that a rule finds its settings by index; codes that only the tables name follow.

use std::hash::BuildHasher;
use std::marker::PhantomData;
use std::num::NonZeroU16;

use foldhash::fast::RandomState;
use lapse_policy::{DayPolicy, Fact};

use crate::FactColumns;
use crate::keys::{Key, KeyTable};

/// A number that stands for a code; `K` says which kind of code.
pub struct Code<K> {
    index: u32,
    kind: PhantomData<K>,
}

impl<K> Code<K> {
    /// The code at `index` of its [`Interner`].
    pub const fn new(index: usize) -> Self {
        assert!(index <= u32::MAX as usize, "fewer than four billion distinct codes");
        #[expect(clippy::cast_possible_truncation, reason = "just checked")]
        let index = index as u32;
        Code { index, kind: PhantomData }
    }

    /// The place in its [`Interner`].
    pub fn index(self) -> usize {
        self.index as usize
    }
}

impl<K> Clone for Code<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Code<K> {}
impl<K> PartialEq for Code<K> {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index
    }
}
impl<K> Eq for Code<K> {}
impl<K> std::hash::Hash for Code<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.index.hash(state);
    }
}
impl<K> std::fmt::Debug for Code<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.index.fmt(f)
    }
}

/// The kinds of code, as types without values.
pub mod kind {
    /// A library.
    pub enum Library {}
    /// A subscription.
    pub enum Subscription {}
    /// A source of activity.
    pub enum Source {}
    /// All blocks of one account, as its cell writes them.
    pub enum Blocks {}
    /// One kind of block.
    pub enum Block {}
    /// A keep or an end, by its name.
    pub enum Named {}
}

/// A library code.
pub type LibraryId = Code<kind::Library>;
/// A subscription code.
pub type SubscriptionId = Code<kind::Subscription>;
/// A source of activity.
pub type SourceId = Code<kind::Source>;
/// The blocks of one account: a cell such as `general|internet`.
pub type BlocksId = Code<kind::Blocks>;
/// One kind of block.
pub(crate) type BlockId = Code<kind::Block>;

/// A keep or an end, by its number among those of the policies: a small one, so that a decision stays small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NamedId(NonZeroU16);

impl NamedId {
    /// The id of a code; none beyond 65,535 keeps and ends.
    pub fn new(code: Code<kind::Named>) -> Option<NamedId> {
        u16::try_from(code.index() + 1).ok().and_then(NonZeroU16::new).map(NamedId)
    }

    /// Its place among the keeps and ends.
    pub fn index(self) -> usize {
        usize::from(self.0.get()) - 1
    }
}

/// Texts, each with a number, in the order in which they first came.
pub struct Interner<K> {
    texts: Vec<Box<str>>,
    hasher: RandomState,
    numbers: KeyTable,
    kind: PhantomData<K>,
}

impl<K> Default for Interner<K> {
    fn default() -> Self {
        Interner {
            texts: Vec::new(),
            hasher: RandomState::default(),
            numbers: KeyTable::with_room_for(0),
            kind: PhantomData,
        }
    }
}

impl<K> std::fmt::Debug for Interner<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.texts.fmt(f)
    }
}

impl<K> Clone for Interner<K> {
    fn clone(&self) -> Self {
        Interner {
            texts: self.texts.clone(),
            hasher: self.hasher.clone(),
            numbers: self.numbers.clone(),
            kind: PhantomData,
        }
    }
}

impl<K> Interner<K> {
    /// The code for `text`, which gets the next number where it has none yet.
    pub fn intern(&mut self, text: &str) -> Code<K> {
        if let Some(code) = self.find(text) {
            return code;
        }
        let code = Code::new(self.texts.len());
        self.texts.push(text.into());
        if self.numbers.is_full(self.texts.len()) {
            self.numbers = KeyTable::with_room_for(2 * self.texts.len());
            for number in 0..self.texts.len() {
                self.place(Code::new(number));
            }
        } else {
            self.place(code);
        }
        code
    }

    fn place(&mut self, code: Code<K>) {
        let text = &self.texts[code.index()];
        let key = Key::of(text, &self.hasher);
        if let Err(place) = self.search(key, text) {
            self.numbers.fill(place, key, code.index);
        }
    }

    /// The code for `text`, where it has one.
    #[inline]
    pub fn find(&self, text: &str) -> Option<Code<K>> {
        let number = self.search(Key::of(text, &self.hasher), text).ok()?;
        Some(Code { index: number, kind: PhantomData })
    }

    #[inline]
    fn search(&self, key: Key, text: &str) -> Result<u32, usize> {
        #[expect(clippy::cast_possible_truncation, reason = "half of the hash is enough")]
        let start = self.numbers.start(self.hasher.hash_one(key) as u32);
        self.numbers.search(start, key, |number| *self.texts[number as usize] == *text)
    }

    /// The text that `code` stands for.
    pub fn text(&self, code: Code<K>) -> &str {
        &self.texts[code.index()]
    }

    /// The number of texts.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Every text, in the order of the numbers.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(AsRef::as_ref)
    }
}

/// All codes of a run.
#[derive(Clone, Default)]
pub struct Codes {
    /// The policy's libraries, in its order, then others.
    pub libraries: Interner<kind::Library>,
    /// The policy's subscriptions, then others.
    pub subscriptions: Interner<kind::Subscription>,
    /// The sources that a library counts, then others.
    pub sources: Interner<kind::Source>,
    /// The cells of blocks that the accounts have, and those of facts that are codes.
    pub blocks: Interner<kind::Blocks>,
    /// The keeps and ends of the policies, as the tables write them: `keep/NAME`, `end/NAME`.
    pub named: Interner<kind::Named>,
    /// The columns of facts that the policies look at.
    pub facts: FactColumns,
}

impl Codes {
    /// The codes of a policy, where `policy.libraries[i]` has the number `i`.
    pub fn of(policy: &DayPolicy) -> Codes {
        let mut codes = Codes::default();
        codes.learn(policy);
        codes
    }

    /// The words for a keep or an end: `keep/NAME`, `end/NAME`.
    pub fn entry(&self, entry: NamedId) -> &str {
        self.named.text(Code::new(entry.index()))
    }

    /// Adds the codes of another policy, or of another day's.
    pub fn learn(&mut self, policy: &DayPolicy) {
        for source in policy.facts.iter().flat_map(Fact::sources) {
            self.sources.intern(source);
        }
        self.facts.learn(policy);
        for library in &policy.libraries {
            self.libraries.intern(&library.code);
            for subscription in &library.subscriptions {
                self.subscriptions.intern(&subscription.code);
            }
        }
        for settings in policy.all_settings() {
            for source in &settings.activity.sources.value {
                self.sources.intern(source);
            }
            for keep in &settings.entries.keeps {
                self.named.intern(&format!("keep/{}", keep.entry.name));
            }
            for end in &settings.entries.ends {
                self.named.intern(&format!("end/{}", end.name));
            }
        }
    }
}
