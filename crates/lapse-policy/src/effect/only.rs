//! Warnings for an `only` that no subscription matches. It says which holder or category there is none of, since a misspelt
//! category would otherwise let a change pass by all whom it is meant for.

use crate::Day;
use crate::diagnostics::Diagnostic;
use crate::file::{AmendmentPlaces, Only, PolicyFile};
use crate::policy::Policy;
use crate::resolve::{Marks, Stack};
use crate::suggest::nearest;

/// Warns of an amendment whose `only` no subscription of these libraries matches on any day on which the amendment holds.
pub(super) fn warning(policy: &Policy, file: &PolicyFile, amendment: usize, libraries: &[usize]) -> Option<Diagnostic> {
    let places = &file.amendment_places[amendment];
    let amendment = &file.amendments[amendment];
    let only = amendment.only.as_ref()?;
    let marks = all_marks(policy, amendment.from, libraries, |marks| only.matches(marks.holder, &marks.category))?;
    // Without subscriptions nothing can be said.
    if marks.is_empty() {
        return None;
    }
    Some(told(file, only, places, amendment.from, &marks))
}

fn told(file: &PolicyFile, only: &Only, places: &AmendmentPlaces, from: Day, marks: &[Marks]) -> Diagnostic {
    let warning = |span| Diagnostic::warning("`only` matches no subscription", file.place(span));
    if let (Some(category), Some(span)) = (&only.category, &places.only_category)
        && !marks.iter().any(|marks| marks.category == *category)
    {
        let categories = sorted(marks.iter().map(|marks| &*marks.category));
        let finding = warning(span).label(format!("no subscription has the category `{category}` from {from} on"));
        return match nearest(category, categories.iter().copied()) {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding.help(format!("the categories are {}", listed(&categories))),
        };
    }
    if let (Some(holder), Some(span)) = (only.holder, &places.only_holder)
        && !marks.iter().any(|marks| marks.holder == holder)
    {
        let holders = sorted(marks.iter().map(|marks| marks.holder.as_str()));
        return warning(span)
            .label(format!("no subscription has the holder `{}` from {from} on", holder.as_str()))
            .help(format!("the holders are {}", listed(&holders)));
    }
    let span = places.only_category.as_ref().or(places.only_holder.as_ref()).unwrap_or(&places.header);
    warning(span)
        .label(format!("no subscription has this holder and this category together from {from} on"))
        .help("check both, or leave one of them out")
}

/// The holders and categories that subscriptions of these libraries have on or after a day; none as soon as one of them
/// `matches`.
fn all_marks(policy: &Policy, from: Day, libraries: &[usize], matches: impl Fn(&Marks) -> bool) -> Option<Vec<Marks>> {
    let mut all = Vec::new();
    for &library in libraries {
        let stack = policy.library_stack(&policy.links.libraries[library], from);
        let codes = policy.named(&stack);
        for day in stack.days().into_iter().filter(|&day| day >= from) {
            let stack = Stack { day, ..stack };
            for code in codes.iter().copied().filter(|&code| stack.offers(code)) {
                let marks = stack.marks(Some(code));
                if matches(&marks) {
                    return None;
                }
                all.push(marks);
            }
        }
    }
    Some(all)
}

fn sorted<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
