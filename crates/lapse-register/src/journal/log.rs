//! The log: entries that are only ever added, in batches, each with a hash over its entries and the hash before it. Whoever
//! kept a hash sees that nothing before it was changed or cut off.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::entry::LogEntry;
use crate::database::{Connection, DatabaseError, Statement, Value, Values};
use crate::hexadecimal;

/// This many entries are read at once.
const TOGETHER: u64 = 10_000;

/// The end of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// The number of the last batch; 0 where there is none.
    pub batch: u64,
    /// The number of the last entry; 0 where there is none.
    pub entry: u64,
    /// The hash of the last batch; empty where there is none.
    pub hash: String,
}

/// What a look through the whole log found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verified {
    /// Every hash is that of its entries.
    Whole {
        /// How many entries there are.
        entries: u64,
        /// The hash of the last batch; empty where there is none.
        head: String,
    },
    /// The hash of a batch is not that of its entries and of the hash before it, or its entries are not all there.
    Broken {
        /// The first such batch.
        batch: u64,
        /// Its first entry, where it has one.
        entry: Option<u64>,
    },
}

/// An entry as its table has it.
pub(crate) struct Row {
    pub entry: u64,
    batch: u64,
    pub content: String,
    run: u64,
    pseudonym: Option<String>,
}

/// The tables of the log.
#[derive(Clone, Copy)]
pub(crate) struct Log<'p> {
    pub prefix: &'p str,
}

impl Log<'_> {
    /// The end of the log.
    pub fn head(&self, connection: &mut dyn Connection) -> Result<Head, DatabaseError> {
        let last = format!(
            "select b.batch, b.hash, (select max(entry) from {p}lapse_log) as entry from {p}lapse_batches b \
             order by b.batch desc limit 1",
            p = self.prefix
        );
        let found = connection.query(&Statement::parse(&last), &Values::new())?;
        let text = |at: usize| found.rows.first().and_then(|row| row.get(at).cloned().flatten()).unwrap_or_default();
        Ok(Head {
            batch: text(0).parse().unwrap_or_default(),
            entry: text(2).parse().unwrap_or_default(),
            hash: text(1),
        })
    }

    /// Whether a batch has this hash; the empty one is that of the start.
    pub fn has(&self, connection: &mut dyn Connection, hash: &str) -> Result<bool, DatabaseError> {
        let select = format!("select batch from {}lapse_batches where hash = $hash", self.prefix);
        let values = Values::from([("hash".to_owned(), hash.into())]);
        Ok(hash.is_empty() || connection.query(&Statement::parse(&select), &values)?.first().is_some())
    }

    /// Adds a batch of entries, which get the numbers behind the head, and gives the new head.
    pub fn append(
        &self,
        connection: &mut dyn Connection,
        head: &Head,
        entries: &[LogEntry],
    ) -> Result<Head, DatabaseError> {
        if entries.is_empty() {
            return Ok(head.clone());
        }
        let batch = head.batch + 1;
        let mut chain = Chain::after(&head.hash);
        let mut rows = Vec::with_capacity(entries.len());
        for (number, entry) in (head.entry + 1..).zip(entries) {
            let content = serde_json::to_string(entry).expect("an entry is texts and numbers");
            chain.add(number, &content);
            rows.push(vec![
                number.into(),
                batch.into(),
                entry.run.into(),
                entry.patron.as_deref().into(),
                Value::Text(content),
            ]);
        }
        let table = format!("{}lapse_log", self.prefix);
        connection.insert(&table, &["entry", "batch", "run", "pseudonym", "content"], &rows)?;
        let hash = chain.end();
        let table = format!("{}lapse_batches", self.prefix);
        connection.insert(&table, &["batch", "hash"], &[vec![batch.into(), hash.as_str().into()]])?;
        Ok(Head { batch, entry: head.entry + entries.len() as u64, hash })
    }

    /// Entries behind a number, in their order: all of them, or those of a run, or of a pseudonym in a run.
    pub fn entries(
        &self,
        connection: &mut dyn Connection,
        after: u64,
        run: Option<u64>,
        pseudonym: Option<&str>,
    ) -> Result<Vec<Row>, DatabaseError> {
        let mut conditions = "entry > $after".to_owned();
        let mut values = Values::from([("after".to_owned(), after.into())]);
        if let Some(run) = run {
            conditions.push_str(" and run = $run");
            values.insert("run".to_owned(), run.into());
        }
        if let Some(pseudonym) = pseudonym {
            conditions.push_str(" and pseudonym = $pseudonym");
            values.insert("pseudonym".to_owned(), pseudonym.into());
        }
        let select = format!(
            "select entry, batch, content, run, pseudonym from {}lapse_log where {conditions} order by entry limit {TOGETHER}",
            self.prefix
        );
        let found = connection.query(&Statement::parse(&select), &values)?;
        let row = |row: Vec<Option<String>>| {
            let mut texts = row.into_iter();
            let mut next = || texts.next().flatten();
            let number = |text: Option<String>| text.and_then(|text| text.parse().ok()).unwrap_or_default();
            Row {
                entry: number(next()),
                batch: number(next()),
                content: next().unwrap_or_default(),
                run: number(next()),
                pseudonym: next(),
            }
        };
        Ok(found.rows.into_iter().map(row).collect())
    }

    /// Looks through the whole log.
    pub fn verify(&self, connection: &mut dyn Connection) -> Result<Verified, DatabaseError> {
        let select = format!("select batch, hash from {}lapse_batches order by batch", self.prefix);
        let found = connection.query(&Statement::parse(&select), &Values::new())?;
        let mut batches = found.rows.into_iter().map(|row| {
            let mut texts = row.into_iter().map(Option::unwrap_or_default);
            (texts.next().and_then(|batch| batch.parse::<u64>().ok()), texts.next().unwrap_or_default())
        });
        let (mut after, mut head, mut expected_batch) = (0, String::new(), 0);
        // The batch at hand: its number, its first entry, and the hash so far.
        let mut open: Option<(u64, u64, Chain)> = None;
        loop {
            let entries = self.entries(connection, after, None, None)?;
            let is_last = entries.is_empty();
            for Row { entry, batch, content, run, pseudonym } in entries {
                let said: Option<LogEntry> = serde_json::from_str(&content).ok();
                // What stands beside an entry, by which it is looked for, must be what it says.
                let is_so = said.is_some_and(|said| said.run == run && said.patron == pseudonym);
                if entry != after + 1 || !is_so || content.contains('\n') {
                    return Ok(Verified::Broken { batch, entry: Some(entry) });
                }
                after = entry;
                if open.as_ref().is_some_and(|(number, ..)| *number != batch)
                    && let Some((number, first, chain)) = open.take()
                {
                    expected_batch += 1;
                    let hash = chain.end();
                    if number != expected_batch || batches.next() != Some((Some(number), hash.clone())) {
                        return Ok(Verified::Broken { batch: number, entry: Some(first) });
                    }
                    head = hash;
                }
                let (.., chain) = open.get_or_insert_with(|| (batch, entry, Chain::after(&head)));
                chain.add(entry, &content);
            }
            if is_last {
                break;
            }
        }
        if let Some((number, first, chain)) = open {
            let hash = chain.end();
            if number != expected_batch + 1 || batches.next() != Some((Some(number), hash.clone())) {
                return Ok(Verified::Broken { batch: number, entry: Some(first) });
            }
            head = hash;
        }
        match batches.next() {
            Some((batch, _)) => Ok(Verified::Broken { batch: batch.unwrap_or_default(), entry: None }),
            None => Ok(Verified::Whole { entries: after, head }),
        }
    }
}

/// The hash of a batch, while entries are added.
struct Chain(Sha256);

impl Chain {
    fn after(hash: &str) -> Chain {
        Chain(Sha256::new_with_prefix(hash))
    }

    fn add(&mut self, number: u64, content: &str) {
        self.0.update(format!("\n{number} "));
        self.0.update(content);
    }

    fn end(self) -> String {
        hexadecimal(&self.0.finalize())
    }
}

/// What stands for a patron in the log of a run, whose secret is the key. Without the key nobody can tell whom it stands for.
pub(crate) fn pseudonym(secret: &str, patron_id: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length will do");
    mac.update(patron_id.as_bytes());
    hexadecimal(&mac.finalize().into_bytes()[..16])
}

/// A new secret.
pub(crate) fn secret() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(hexadecimal(&bytes))
}
