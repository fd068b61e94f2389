//! Codes while tables are read: by one thread that keeps all that it has seen, or piece by piece, where those that all
//! pieces know are shared and those that a piece is the first to name are its own.

use lapse_engine::{BlocksId, Code, Codes, Interner, LibraryId, SourceId, SubscriptionId, kind};

use crate::Known;
use crate::reject::RowFault;

/// Gives codes their numbers, a new one where nobody has named the code before.
pub(crate) trait Intern {
    fn library(&mut self, text: &str) -> LibraryId;
    fn subscription(&mut self, text: &str) -> SubscriptionId;
    fn source(&mut self, text: &str) -> SourceId;
    fn blocks(&mut self, text: &str) -> BlocksId;

    /// What the policies know.
    fn known(&self) -> &Known;

    /// The code of a library in this column, unless it is a slip of one that the policies know.
    fn known_library(&mut self, column: usize, text: &str) -> Result<LibraryId, RowFault> {
        let code = self.library(text);
        self.known().library(column, text, code)
    }

    /// The code of a source in this column, unless it is a slip of one that the policies count.
    fn known_source(&mut self, column: usize, text: &str) -> Result<SourceId, RowFault> {
        let code = self.source(text);
        self.known().source(column, text, code)
    }

    /// The code of a subscription in this column, unless it is a slip of one that the library has.
    fn known_subscription(
        &mut self,
        column: usize,
        library: LibraryId,
        text: &str,
    ) -> Result<SubscriptionId, RowFault> {
        let code = self.subscription(text);
        self.known().subscription(column, text, library, code)
    }
}

/// All codes that one thread has seen so far, those that the policies know first.
pub(crate) struct AllCodes<'a> {
    pub codes: Codes,
    known: &'a Known,
}

impl<'a> AllCodes<'a> {
    /// Those that the policies know.
    pub fn new(known: &'a Known) -> AllCodes<'a> {
        AllCodes { codes: known.codes().clone(), known }
    }
}

impl Intern for AllCodes<'_> {
    fn library(&mut self, text: &str) -> LibraryId {
        intern_here(&mut self.codes.libraries, text)
    }

    fn subscription(&mut self, text: &str) -> SubscriptionId {
        intern_here(&mut self.codes.subscriptions, text)
    }

    fn source(&mut self, text: &str) -> SourceId {
        intern_here(&mut self.codes.sources, text)
    }

    fn blocks(&mut self, text: &str) -> BlocksId {
        intern_here(&mut self.codes.blocks, text)
    }

    fn known(&self) -> &Known {
        self.known
    }
}

/// The code of a text. Nearly all are known, and to find them takes no call this way.
fn intern_here<K>(codes: &mut Interner<K>, text: &str) -> Code<K> {
    codes.find(text).unwrap_or_else(|| codes.intern(text))
}

/// The codes as one piece of a table finds them.
pub(crate) struct PieceCodes<'a> {
    known: &'a Codes,
    new: Codes,
    by_policies: &'a Known,
}

impl<'a> PieceCodes<'a> {
    /// `known` are those that all pieces know.
    pub fn new(known: &'a Codes, by_policies: &'a Known) -> PieceCodes<'a> {
        PieceCodes { known, new: Codes::default(), by_policies }
    }

    /// What this piece names that nobody did before.
    pub fn into_new(self) -> Codes {
        self.new
    }
}

impl Intern for PieceCodes<'_> {
    fn library(&mut self, text: &str) -> LibraryId {
        intern(&self.known.libraries, &mut self.new.libraries, text)
    }

    fn subscription(&mut self, text: &str) -> SubscriptionId {
        intern(&self.known.subscriptions, &mut self.new.subscriptions, text)
    }

    fn source(&mut self, text: &str) -> SourceId {
        intern(&self.known.sources, &mut self.new.sources, text)
    }

    fn blocks(&mut self, text: &str) -> BlocksId {
        intern(&self.known.blocks, &mut self.new.blocks, text)
    }

    fn known(&self) -> &Known {
        self.by_policies
    }
}

/// The code of a text; what is new has a number after all that are known.
fn intern<K>(known: &Interner<K>, new: &mut Interner<K>, text: &str) -> Code<K> {
    known.find(text).unwrap_or_else(|| Code::new(known.len() + new.intern(text).index()))
}

/// How many codes there are of all kinds.
pub(crate) fn count(codes: &Codes) -> usize {
    codes.libraries.len() + codes.subscriptions.len() + codes.sources.len() + codes.blocks.len()
}

/// The codes of `all` that come after those of `known`, with which `all` begins.
pub(crate) fn beyond(all: &Codes, known: &Codes) -> Codes {
    fn rest<K>(all: &Interner<K>, known: &Interner<K>) -> Interner<K> {
        let mut rest = Interner::default();
        for text in all.texts().skip(known.len()) {
            rest.intern(text);
        }
        rest
    }
    Codes {
        libraries: rest(&all.libraries, &known.libraries),
        subscriptions: rest(&all.subscriptions, &known.subscriptions),
        sources: rest(&all.sources, &known.sources),
        blocks: rest(&all.blocks, &known.blocks),
        // Tables name no keeps and ends, and no columns of facts.
        ..Codes::default()
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

    /// A source's code there.
    pub fn source(&self, code: SourceId) -> SourceId {
        self.sources.of_code(code)
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
