//! Codes in plain sentences, with what to do about them. The JSON of a report has the codes.

use super::shown::grouped;
use std::borrow::Cow;

/// Why candidates could not go on.
pub(super) fn gave_up(code: &str, count: u64, of: u64) -> String {
    format!("{} of {} candidates could not go on: {}.", grouped(count), grouped(of), why(code))
}

/// What a healthy server does not answer.
pub(super) fn unexpected(code: &str, count: u64) -> String {
    let count = grouped(count);
    match code {
        "candidate_panicked" => {
            format!("{count} candidates ended by a defect of the rehearsal itself; please report what stands above.")
        }
        code => format!("{count} times the server answered as a healthy one does not: {}.", why(code)),
    }
}

fn why(code: &str) -> Cow<'static, str> {
    let known = match code {
        "no_attempts_left" => "they have no attempt left in this exam; make others with `examhall rehearse prepare`",
        "not_open" => "the exam is not open now; see when it opens and closes",
        "not_found" => "the server does not know what was asked for; see that --exam and --url are right",
        "signed_out" => "their sessions have ended; make new ones with `examhall rehearse prepare`",
        "wrong_credentials" => "their accounts have other passwords; take another --seed, or --sessions",
        "sign_up_closed" => "nobody may sign up; set SIGN_UP=open for the server, or take --sessions",
        "forbidden" => "their accounts may not do it; make others with `examhall rehearse prepare`",
        "no_session" => "there was no session for them; make more with `examhall rehearse prepare`",
        "connection_refused" => "nothing listened at the address; see whether the server runs",
        "connection_timed_out" | "connection_failed" => "no connection could be made; see whether the server runs",
        "connection_broken" => "connections broke before the answer came; the server's log may tell why",
        "no_answer_in_time" => "the server did not answer in time",
        "too_many_open_files" => "this machine allows too few open files; raise it with `ulimit -n`",
        "no_local_port_left" => "this machine had no port left; rehearse from several machines",
        "busy" => "the server was too busy to take the request",
        "clock_apart" => "the server's clock is not its database's; let both follow the same time",
        "too_slow" => "the request took too long to arrive",
        "internal" => "the server failed within; its log tells why",
        "full" => "the attempt takes no more changes",
        "closed" => "the attempt takes no answers any more",
        "seq_conflict" => "a number was taken by another operation already",
        "operation_not_answered" => "an operation was neither acknowledged nor rejected",
        "unreadable_answer" => {
            "an answer was not what the API describes; see that program and server are of one version"
        }
        "malformed" | "invalid" | "too_large" | "unreadable_address" => {
            "the server could not read the request; see that program and server are of one version"
        }
        code => return unknown(code).into(),
    };
    known.into()
}

fn unknown(code: &str) -> String {
    match code.strip_prefix("status_") {
        Some(status) => format!("the answer had the status {status} and no reason"),
        None => format!("the answer was \"{code}\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_a_sentence_with_figures_whatever_the_code() {
        let (left, failed) = (gave_up("no_attempts_left", 1_500, 2_000), unexpected("internal", 3));
        assert!(left.starts_with("1,500 of 2,000 candidates could not go on: they have no attempt left"), "{left}");
        assert!(
            failed.starts_with("3 times the server answered as a healthy one does not: the server failed"),
            "{failed}"
        );
        for (code, says) in [("status_502", "had the status 502"), ("brand_new", "was \"brand_new\"")] {
            let (left, failed) = (gave_up(code, 1, 2), unexpected(code, 1));
            assert!(left.contains(says) && failed.contains(says), "{left} {failed}");
        }
        assert!(unexpected("candidate_panicked", 1).contains("defect of the rehearsal itself"));
    }
}
