#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fuzz::check(interchange::Format::Csv, bytes);
    fuzz::check(interchange::Format::Tsv, bytes);
    // Most inputs would die at the header row; these are read as rows.
    let header = b"id,question,option_a,option_b,option_c,rationale_a,correct_answer,points,choose,category,difficulty\n";
    fuzz::check(interchange::Format::Csv, &[header, bytes].concat());
});
