//! In which order the parts of a question were shown, as text.

/// The digits of an index within an order: lists of more than 36 parts are written out instead.
const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// The orders of the four options of a question, which is what most have: each is one letter, from A on.
const FOUR: [[usize; 4]; 24] = permutations_of_four();

const fn permutations_of_four() -> [[usize; 4]; 24] {
    let mut all = [[0; 4]; 24];
    let (mut place, mut code) = (0, 0);
    // Four digits of base four that differ.
    while code < 256 {
        let digits = [code >> 6 & 3, code >> 4 & 3, code >> 2 & 3, code & 3];
        if (1 << digits[0] | 1 << digits[1] | 1 << digits[2] | 1 << digits[3]) == 15 {
            all[place] = digits;
            place += 1;
        }
        code += 1;
    }
    all
}

/// Takes the orders of the next question off a text: a letter for one order of four, else a digit per place and "," after each list,
/// or JSON for long lists, and a space, which the last one of the first format has not.
pub(super) fn next_orders(rest: &mut &str, version: u8) -> Option<Vec<Vec<usize>>> {
    if let Some(letter @ b'A'..=b'X') = rest.as_bytes().first() {
        *rest = &rest[1..];
        return Some(vec![FOUR[usize::from(letter - b'A')].to_vec()]);
    }
    let (text, after) = match rest.split_once(' ') {
        Some(parts) => parts,
        None if version == 1 => (*rest, ""),
        None => return None,
    };
    *rest = after;
    read_orders(text)
}

fn read_orders(text: &str) -> Option<Vec<Vec<usize>>> {
    if text.starts_with('[') {
        return serde_json::from_str(text).ok();
    }
    let lists = text.split_terminator(',');
    lists.map(|list| list.bytes().map(|digit| DIGITS.iter().position(|known| *known == digit)).collect()).collect()
}
