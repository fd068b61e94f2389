//! A patron's story: what the tables say, each rule that was tried with what it compared, the policy line behind it,
//! and what later runs bring. The engine tells the rules as it tries them; here they become sentences.

mod cleanup;
mod customer_run;
mod later;
mod profile;
mod story;
mod text;

pub use story::{Chapter, Scene, Story, Why, decide, tell, why};
