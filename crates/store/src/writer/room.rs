//! What fits into one transaction.

use super::job::Job;
use std::collections::VecDeque;

/// How much one transaction takes.
pub(super) struct Room {
    pub(super) rows: usize,
    /// Each is folded, graded and sealed while the others wait.
    pub(super) ends: usize,
}

impl Room {
    /// Takes what fits, and one job at least; gives back the first that does not fit. Ends that are too many are put aside: when everybody
    /// hands in, those who still answer do not wait for all of them.
    pub(super) fn take(
        &self,
        jobs: &mut Vec<Job>,
        aside: &mut VecDeque<Job>,
        mut next: impl FnMut() -> Option<Job>,
    ) -> Option<Job> {
        let (mut rows, mut ends) = (0, 0);
        while let Some(job) = next() {
            if job.is_end() && ends == self.ends {
                aside.push_back(job);
                continue;
            }
            let is_first = rows == 0;
            rows += job.rows();
            ends += usize::from(job.is_end());
            if rows > self.rows && !is_first {
                return Some(job);
            }
            jobs.push(job);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::job::{End, Save, Ticket};
    use super::*;
    use exam::attempt::AttemptState;
    use exam::grade::Grade;
    use exam::id::{AccountId, AttemptId};
    use exam::paper::Paper;
    use exam::time::Timestamp;
    use std::sync::Arc;
    use tokio::sync::Semaphore;
    use tokio::time::Instant;

    fn ticket<T>() -> Ticket<T> {
        let room = [(); 2].map(|()| Arc::new(Semaphore::new(1)).try_acquire_owned().expect("there is one"));
        Ticket::new(Instant::now(), room).0
    }

    fn end(attempt: i64) -> Job {
        Job::End(End {
            attempt: AttemptId(attempt),
            public_id: attempt.to_string(),
            paper: Paper::default(),
            actor: None,
            state: AttemptState::Submitted,
            ended_at: Timestamp(0),
            now: Timestamp(0),
            grade: Box::new(|_| -> Grade { unreachable!("nothing is graded here") }),
            ticket: ticket(),
        })
    }

    fn save(attempt: i64) -> Job {
        let (attempt, account, arrival) = (AttemptId(attempt), AccountId(1), Timestamp(0).into());
        Job::Save(Save { attempt, account, operations: Vec::new(), arrival, is_evidence: false, ticket: ticket() })
    }

    fn attempts(jobs: &[Job]) -> Vec<i64> {
        jobs.iter().map(|job| job.attempt().0).collect()
    }

    #[tokio::test]
    async fn when_everybody_hands_in_a_save_does_not_wait_for_all_of_them() {
        let mut waiting: VecDeque<Job> = (0..40).map(end).chain([save(100), save(101)]).collect();
        let room = Room { rows: 256, ends: 16 };
        let (mut jobs, mut aside) = (Vec::new(), VecDeque::new());
        assert!(room.take(&mut jobs, &mut aside, || waiting.pop_front()).is_none());
        assert_eq!(attempts(&jobs), (0..16).chain([100, 101]).collect::<Vec<_>>());
        assert_eq!(attempts(aside.make_contiguous()), (16..40).collect::<Vec<_>>(), "in their order");
    }

    #[tokio::test]
    async fn what_does_not_fit_is_given_back_and_nothing_after_it_is_taken() {
        let mut waiting: VecDeque<Job> = (0..5).map(save).collect();
        let room = Room { rows: 3, ends: 16 };
        let (mut jobs, mut aside) = (Vec::new(), VecDeque::new());
        let unfitting = room.take(&mut jobs, &mut aside, || waiting.pop_front());
        assert_eq!((attempts(&jobs), unfitting.map(|job| job.attempt().0)), (vec![0, 1, 2], Some(3)));
        assert_eq!((waiting.len(), aside.len()), (1, 0));
    }
}
