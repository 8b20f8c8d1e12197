//! Temporary.
use interchange::*;
fn main() {
    let path = std::env::args().nth(1).expect("a file");
    let bytes = std::fs::read(&path).expect("readable");
    let format = Format::detect(&path, &bytes).expect("known format");
    match read(format, &bytes) {
        Err(error) => println!("{error}"),
        Ok(reading) => {
            for note in &reading.notes { println!("note: {note}"); }
            for item in &reading.items {
                let kind = match &item.outcome { Outcome::Ok(_) => "ok", Outcome::Changed(..) => "changed", Outcome::Refused(_) => "refused" };
                println!("{} [{}] {kind} {:?}", item.line, item.reference.as_deref().unwrap_or(""), item.outcome.reasons());
                if let Some(q) = item.question() {
                    println!("    {:?} {:?}", q.prompt, q.content);
                    println!("    {} {}", q.key.to_stored(), q.explanations.to_stored());
                    println!("    {:?} {:?} {}", q.domains, q.difficulty, q.points);
                }
            }
            println!("{:?}", reading.counts());
        }
    }
}
