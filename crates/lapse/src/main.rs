//! Patron lifecycle policies for library consortia.
fn main() {}
