//! The six forms of Arabic, by the rules of CLDR.
//!
//! Fluent chooses forms by itself, and rightly so for the other languages. The rules it has for Arabic, though, look at the whole number where
//! CLDR looks at its last two digits (103 is counted like 3), and at the whole part of a fraction. So Arabic texts ask for `FORM($count)`.

use fluent_bundle::FluentValue;

/// What `FORM` stands for in a text: the form of a number.
pub(super) fn form_of<'a>(given: &[FluentValue<'a>]) -> FluentValue<'a> {
    match given {
        [FluentValue::Number(number)] => FluentValue::from(arabic(number.value)),
        // The text is then that of its default form.
        _ => FluentValue::Error,
    }
}

fn arabic(number: f64) -> &'static str {
    if number.fract() != 0.0 {
        return "other";
    }
    let last_two = number.abs() % 100.0;
    match number {
        0.0 => "zero",
        1.0 => "one",
        2.0 => "two",
        _ if (3.0..=10.0).contains(&last_two) => "few",
        _ if last_two >= 11.0 => "many",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::arabic;

    #[test]
    fn arabic_has_the_forms_of_cldr() {
        let table: [(&str, &[f64]); 6] = [
            ("zero", &[0.0]),
            ("one", &[1.0]),
            ("two", &[2.0]),
            ("few", &[3.0, 10.0, 103.0, 110.0, 1_003.0]),
            ("many", &[11.0, 26.0, 99.0, 111.0, 1_011.0]),
            ("other", &[100.0, 101.0, 102.0, 200.0, 1_002.0, 100_000.0, 0.1, 1.5, 3.5, 10.1]),
        ];
        for (form, examples) in table {
            for number in examples {
                assert_eq!(arabic(*number), form, "{number}");
            }
        }
    }
}
