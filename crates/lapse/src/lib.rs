//! Patron lifecycle policies for library consortia.
