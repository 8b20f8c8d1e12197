//! The order of lists that people read. The engines sort texts by byte or by a collation of the database, so these short lists are
//! sorted here: the same on both.

use exam::question::fold_text;

/// Sorts by a name without regard to case and accents; what is the same then, as it is written. What is equal stays in order.
pub(crate) fn by_name<T>(list: &mut [T], name: impl Fn(&T) -> &str) {
    list.sort_by_cached_key(|item| {
        let name = name(item);
        (fold_text(name, false, false), name.to_owned())
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_as_people_look_for_them() {
        let mut names = ["Zebra", "\u{c9}tude", "apple", "Apple", "etching", "banana", "Eve", "10", "_"];
        by_name(&mut names, |name| name);
        assert_eq!(names, ["10", "_", "Apple", "apple", "banana", "etching", "\u{c9}tude", "Eve", "Zebra"]);
    }
}
