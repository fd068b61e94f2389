//! Codes of libraries, subscriptions, sources and blocks as small numbers.
//! The policy's own codes come first, so that a rule finds its settings by index; what only the tables name comes after.

use std::collections::HashMap;
use std::marker::PhantomData;

use lapse_policy::DayPolicy;

/// A number that stands for a code; which kind of code, `K` says.
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

/// Kinds of code; they have no values.
pub mod kind {
    /// A library.
    pub enum Library {}
    /// A subscription.
    pub enum Subscription {}
    /// A source of activity.
    pub enum Source {}
    /// The kinds of block of one account, as its cell writes them.
    pub enum Blocks {}
    /// One kind of block.
    pub enum Block {}
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

/// Texts with a number each, in the order in which they first came.
pub struct Interner<K> {
    texts: Vec<Box<str>>,
    numbers: HashMap<Box<str>, u32, foldhash::fast::RandomState>,
    kind: PhantomData<K>,
}

impl<K> Default for Interner<K> {
    fn default() -> Self {
        Interner { texts: Vec::new(), numbers: HashMap::default(), kind: PhantomData }
    }
}

impl<K> std::fmt::Debug for Interner<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.texts.fmt(f)
    }
}

impl<K> Clone for Interner<K> {
    fn clone(&self) -> Self {
        Interner { texts: self.texts.clone(), numbers: self.numbers.clone(), kind: PhantomData }
    }
}

impl<K> Interner<K> {
    /// The code for `text`, new where it is.
    pub fn intern(&mut self, text: &str) -> Code<K> {
        if let Some(code) = self.find(text) {
            return code;
        }
        let code = Code::new(self.texts.len());
        self.texts.push(text.into());
        self.numbers.insert(text.into(), code.index);
        code
    }

    /// The code for `text`, where it has one.
    pub fn find(&self, text: &str) -> Option<Code<K>> {
        self.numbers.get(text).map(|&index| Code { index, kind: PhantomData })
    }

    /// The text that `code` stands for.
    pub fn text(&self, code: Code<K>) -> &str {
        &self.texts[code.index()]
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Every text, by number.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(AsRef::as_ref)
    }
}

/// All codes of a run.
#[derive(Default)]
pub struct Codes {
    /// The policy's libraries, in its order, then others.
    pub libraries: Interner<kind::Library>,
    /// The policy's subscriptions, then others.
    pub subscriptions: Interner<kind::Subscription>,
    /// The sources that a library counts, then others.
    pub sources: Interner<kind::Source>,
    /// The cells of blocks that accounts have.
    pub blocks: Interner<kind::Blocks>,
}

impl Codes {
    /// The codes of a policy; `policy.libraries[i]` has number `i`.
    pub fn of(policy: &DayPolicy) -> Codes {
        let mut codes = Codes::default();
        codes.learn(policy);
        codes
    }

    /// Adds the codes of another policy, or of another day's.
    pub fn learn(&mut self, policy: &DayPolicy) {
        for library in &policy.libraries {
            self.libraries.intern(&library.code);
            for subscription in &library.subscriptions {
                self.subscriptions.intern(&subscription.code);
            }
        }
        for settings in policy.libraries.iter().map(|library| &library.settings).chain([&policy.consortium.settings]) {
            for source in &settings.activity.sources.value {
                self.sources.intern(source);
            }
        }
    }
}
