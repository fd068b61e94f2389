//! A value with where it was decided, which `show`, `explain`, `diff` and the diagnostics all use.

/// A value and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it was decided.
    pub origin: Origin,
}

/// Where a value was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Origin {
    /// No file says it, so the default of policy.md holds; for a name, the code.
    BuiltIn,
    /// An assignment in a file says it; `Policy::assignment` tells which.
    File(AssignmentId),
}

/// An assignment `key = value` in a file of a policy. It means something only to the policy that gave it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AssignmentId(pub u32);
