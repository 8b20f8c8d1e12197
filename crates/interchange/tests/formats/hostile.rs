//! No input panics, is lost count of, or takes more than linear time.

use interchange::{Format, read};
use proptest::prelude::*;

/// Reads bytes as every format and checks what must hold of any reading.
fn survives(bytes: &[u8]) {
    let _ = Format::detect("file.txt", bytes);
    let lines = bytes.iter().filter(|byte| matches!(**byte, b'\n' | b'\r')).count() + 1;
    for format in Format::ALL {
        let Ok(reading) = read(format, bytes) else { continue };
        let counts = reading.counts();
        assert_eq!(counts.imported + counts.changed + counts.refused, reading.items.len());
        let starts: Vec<usize> = reading.items.iter().map(|item| item.line).collect();
        assert!(starts.is_sorted() && starts.iter().all(|line| (1..=lines).contains(line)), "{format:?} {starts:?}");
        for item in &reading.items {
            let refused = item.question().is_none();
            assert!(!refused || !item.outcome.reasons().is_empty(), "refused without a reason");
            assert!(item.outcome.reasons().iter().all(|reason| reason.len() < 2_000));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        survives(&bytes);
    }

    #[test]
    fn any_text_is_survived(text in any::<String>()) {
        survives(text.as_bytes());
    }

    #[test]
    fn text_made_of_gift_marks_is_survived(
        text in r"(::|\{|\}|=|~|#|####|->|%50%|%-1\.5%|\\|\n|\n\n|//|\$CATEGORY:|T|FALSE|\[html\]|<b>|</b>|<p>|<li>|<pre>|<table>|\.\.|:|1|é|a | |\u{a0}|\u{3000}){0,60}"
    ) {
        survives(text.as_bytes());
    }

    #[test]
    fn text_made_of_aiken_marks_is_survived(text in r"(A\. |B\)|C|ANSWER:|answer: |A|, |\n|\n\n|x|é|İ|\u{3000}){0,40}") {
        survives(text.as_bytes());
    }

    #[test]
    fn text_made_of_table_marks_is_survived(rest in r#"(,|;|\t|"|""|\n|A|B,D|2|é|x| |=|@|\u{3000}){0,60}"#) {
        survives(format!("question,option_a,option_b,correct_answer\n{rest}").as_bytes());
    }

    #[test]
    fn text_made_of_archive_marks_is_survived(
        rest in r#"(\{|\}|\[|\]|,|:|"|\\|\n|"id"|"kind"|"choice"|"options"|"text"|"numeric"|"accept"|"value"|"1e300"|1e5|true|null|é|\u{3000}){0,60}"#
    ) {
        survives(format!("{{\"examhall\":\"bank\",\"version\":1,\"questions\":[{rest}").as_bytes());
    }
}

#[test]
fn long_repetitions_take_linear_time() {
    // At this length, anything quadratic would run for minutes.
    let length = 64 * 1024;
    let pieces = [
        "{",
        "}",
        "=",
        "~",
        "::",
        "\\",
        "#",
        "%",
        "%1%",
        "\n",
        "{\n\n",
        "{\n\n::",
        "a\n",
        "a\n\n",
        "::\n",
        "::a{T}\n",
        "$CATEGORY: a\n",
        "B. x\n",
        "//\n",
        "a{T}\n\n",
        "->",
        "a->",
        "\"",
        "\"\n",
        "\",",
        ",",
        ",\n",
        "\"a\"b\n",
        "A. x\n",
        "A. x\nB. y\n",
        "ANSWER: A\n",
        "x\n\n",
        "[",
        "{\"",
        "{\n",
        "\n{\"id\"",
        "<",
        "<b>",
        "<ul><li>",
        "<!--",
        "&",
        "$$",
        "\\\\(",
        "-",
        " ",
        "\t",
        "*",
        "_a_",
        "\u{feff}",
        "é",
    ];
    for piece in pieces {
        let body = piece.repeat(length / piece.len());
        for format in Format::ALL {
            let starts: &[&str] = match format {
                Format::Gift => &["", "q{", "q{=", "q{~", "q{#", "[html]"],
                Format::Aiken => &[""],
                Format::Csv | Format::Tsv => &["question,a,b,answer\n"],
                Format::Archive => &["{\"examhall\":\"bank\",\"version\":1,\"questions\":["],
            };
            for start in starts {
                let _ = read(format, format!("{start}{body}").as_bytes());
            }
        }
    }
}
