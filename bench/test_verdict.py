"""What fails a run, and what does not."""
import unittest

from verdict import faults

CLEAN = {"broken": 0, "unexpected": {}, "gave_up": {}, "sent_again": 7}


class Verdict(unittest.TestCase):
    def test_a_clean_run_has_no_faults_however_slow_it_was(self):
        found = {"save_p99_ms": 9_000, "alive": True, "killed": None, "people": {"gave_up": {}, "overtaken": 3}, "ledger": {"broken": 0}, **CLEAN}
        self.assertEqual(faults(found), [])

    def test_what_must_not_happen_is_found_wherever_it_stands(self):
        for found, place in [
            ({**CLEAN, "alive": False}, "alive: False"),
            ({**CLEAN, "killed": 1}, "killed: 1"),
            ({**CLEAN, "unexpected": {"internal": 3}}, "unexpected: {'internal': 3}"),
            ({**CLEAN, "gave_up": {"no_answer": 2}}, "gave_up: {'no_answer': 2}"),
            ({**CLEAN, "savers_trouble": {**CLEAN, "broken": 1}}, "savers_trouble.broken: 1"),
            ({**CLEAN, "people": {"gave_up": {"start_connection": 5}}}, "people.gave_up: {'start_connection': 5}"),
            ({"threads": {"2": [CLEAN, {**CLEAN, "broken": 4}]}}, "threads.2[1].broken: 4"),
            ({**CLEAN, "ledger": {"broken": 2}}, "ledger.broken: 2"),
        ]:
            self.assertEqual(faults(found), [place])

    def test_people_may_give_up_where_more_was_asked_for_than_fits_but_no_promise_is_broken(self):
        steps = [CLEAN, {**CLEAN, "gave_up": {"no_answer": 9}, "is_too_much": True}]
        self.assertEqual(faults({"steps": steps}), [])
        self.assertEqual(faults({"steps": [{**steps[1], "broken": 1}]}), ["steps[0].broken: 1"])
        self.assertEqual(faults({"steps": [{**CLEAN, "gave_up": {"no_answer": 9}, "is_too_much": False}]}), ["steps[0].gave_up: {'no_answer': 9}"])


if __name__ == "__main__":
    unittest.main()
