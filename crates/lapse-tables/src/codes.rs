//! Codes while a piece of a table is read: those that all know, and those that this piece is the first to name.

use lapse_engine::{Code, Codes, Interner, LibraryId, SubscriptionId, kind};

/// All codes as one piece of a table finds them.
pub(crate) struct PieceCodes<'a> {
    pub libraries: PieceInterner<'a, kind::Library>,
    pub subscriptions: PieceInterner<'a, kind::Subscription>,
    pub sources: PieceInterner<'a, kind::Source>,
    pub blocks: PieceInterner<'a, kind::Blocks>,
}

impl<'a> PieceCodes<'a> {
    pub fn new(known: &'a Codes) -> PieceCodes<'a> {
        PieceCodes {
            libraries: PieceInterner::new(&known.libraries),
            subscriptions: PieceInterner::new(&known.subscriptions),
            sources: PieceInterner::new(&known.sources),
            blocks: PieceInterner::new(&known.blocks),
        }
    }

    /// How many codes this piece names that nobody did before.
    pub fn found(&self) -> usize {
        self.libraries.new.len() + self.subscriptions.new.len() + self.sources.new.len() + self.blocks.new.len()
    }

    /// All of them, by their numbers here.
    pub fn all(&self) -> Codes {
        Codes {
            libraries: self.libraries.all(),
            subscriptions: self.subscriptions.all(),
            sources: self.sources.all(),
            blocks: self.blocks.all(),
        }
    }

    /// What this piece names that nobody did before.
    pub fn into_new(self) -> Codes {
        Codes {
            libraries: self.libraries.new,
            subscriptions: self.subscriptions.new,
            sources: self.sources.new,
            blocks: self.blocks.new,
        }
    }
}

/// The codes of one kind as one piece of a table finds them.
pub(crate) struct PieceInterner<'a, K> {
    known: &'a Interner<K>,
    new: Interner<K>,
}

impl<'a, K> PieceInterner<'a, K> {
    fn new(known: &'a Interner<K>) -> PieceInterner<'a, K> {
        PieceInterner { known, new: Interner::default() }
    }

    /// The text that `code` stands for.
    pub fn text(&self, code: Code<K>) -> &str {
        match code.index().checked_sub(self.known.len()) {
            None => self.known.text(code),
            Some(new) => self.new.text(Code::new(new)),
        }
    }

    fn all(&self) -> Interner<K> {
        let mut all = self.known.clone();
        for text in self.new.texts() {
            all.intern(text);
        }
        all
    }

    /// Every text, by number.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.known.texts().chain(self.new.texts())
    }

    pub fn intern(&mut self, text: &str) -> Code<K> {
        self.known.find(text).unwrap_or_else(|| Code::new(self.known.len() + self.new.intern(text).index()))
    }
}

/// From the codes of one piece to everybody's.
pub struct Renumberings {
    pub(crate) libraries: Renumbering<kind::Library>,
    pub(crate) subscriptions: Renumbering<kind::Subscription>,
    pub(crate) sources: Renumbering<kind::Source>,
    pub(crate) blocks: Renumbering<kind::Blocks>,
}

impl Renumberings {
    /// A library's code there.
    pub fn library(&self, code: LibraryId) -> LibraryId {
        self.libraries.of_code(code)
    }

    /// A subscription's code there.
    pub fn subscription(&self, code: SubscriptionId) -> SubscriptionId {
        self.subscriptions.of_code(code)
    }

    /// Gives the codes that each piece found beyond `all` a number there, in the order of the pieces.
    pub(crate) fn of<'a>(pieces: impl IntoIterator<Item = &'a Codes>, all: &mut Codes) -> Vec<Renumberings> {
        let known = (all.libraries.len(), all.subscriptions.len(), all.sources.len(), all.blocks.len());
        pieces
            .into_iter()
            .map(|piece| Renumberings {
                libraries: Renumbering::of(&piece.libraries, known.0, &mut all.libraries),
                subscriptions: Renumbering::of(&piece.subscriptions, known.1, &mut all.subscriptions),
                sources: Renumbering::of(&piece.sources, known.2, &mut all.sources),
                blocks: Renumbering::of(&piece.blocks, known.3, &mut all.blocks),
            })
            .collect()
    }

    /// Whether the piece found nothing new, so that its rows may stay as they are.
    pub fn are_trivial(&self) -> bool {
        self.libraries.new.is_empty()
            && self.subscriptions.new.is_empty()
            && self.sources.new.is_empty()
            && self.blocks.new.is_empty()
    }
}

/// From the codes of one kind in one piece to everybody's.
pub(crate) struct Renumbering<K> {
    known: usize,
    new: Vec<Code<K>>,
}

impl<K> Renumbering<K> {
    fn of(piece: &Interner<K>, known: usize, all: &mut Interner<K>) -> Renumbering<K> {
        Renumbering { known, new: piece.texts().map(|text| all.intern(text)).collect() }
    }

    pub fn apply(&self, code: &mut Code<K>) {
        *code = self.of_code(*code);
    }

    pub fn of_code(&self, code: Code<K>) -> Code<K> {
        code.index().checked_sub(self.known).map_or(code, |new| self.new[new])
    }
}
