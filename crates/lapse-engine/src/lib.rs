//! Facts + policy -> decisions.
