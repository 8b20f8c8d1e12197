"""What the runs of bench/against.py say together: ratios first."""
import statistics

# What the original application was measured at: sittings of 20 questions per second of processor time, on a machine whose two
# cores made 6.7 to 10.9 PBKDF2 hashes a second; the middle of that, for one core, is what figures are scaled by.
ORIGINAL = {"signed_in": 10, "with_sign_in": 3, "hashes_per_cpu_s": 4.4}
# Between equal runs of the original lay as much.
NOISE = 0.85


def median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def ratio(ours, theirs):
    return round(ours / theirs, 1) if ours and theirs else None


def summary(runs):
    """The runs, and what follows from them."""
    result = {
        "what_each_side_does": {
            "baseline": "keeps the answers in the session's file and commits all 20 when the results are shown",
            "examhall": "commits each answer before it is acknowledged; the database's share of the processor is counted on both sides",
        },
        "calibration": {
            name: [min(values), max(values)]
            for name in ("hashes_per_s", "hashes_per_cpu_s", "loop_s")
            if (values := [run["report"]["calibration"][name] for run in runs if run["report"]])
        },
    }
    closed = [run for run in runs if run["part"] == "closed"]
    if closed:
        result["sittings_per_cpu_s"] = per_cpu(closed)
        result["against_after"] = against(result["sittings_per_cpu_s"])
        result["no_straw_man"] = gate(closed)
        result["others"] = {"runs_with_over_0.15_cores_of_others": sum((run["report"]["others_cores"] or 0) > 0.15 for run in closed), "of": len(closed)}
    result["note_s16"] = rows(runs)
    result["runs"] = runs
    return result


def of(runs, side, what):
    return [run for run in runs if (run["side"], run["what"]) == (side, what)]


def per_cpu(closed):
    """Medians of sittings per second of processor time, application and database together."""
    found = {}
    for side in ("before", "after", "examhall"):
        for what, users in dict.fromkeys((run["what"], run["users"]) for run in closed if run["side"] == side):
            reports = [run["report"] for run in of(closed, side, what) if run["users"] == users]
            found.setdefault(side, {})[f"{what}, {users}"] = {
                "sittings_per_cpu_s": round(median(report["sittings_per_cpu_s"] for report in reports), 2),
                "sittings_per_s": round(median(report["sittings_per_s"] for report in reports), 2),
                "server_ms": round(median(report["cpu_s"]["server"] * 1e3 / max(report["sittings"], 1) for report in reports), 3),
                "postgres_ms": round(median(report["cpu_s"]["postgres"] * 1e3 / max(report["sittings"], 1) for report in reports), 3),
                "kb_sent": round(median(report["received_mb"] * 1e3 / max(report["sittings"], 1) for report in reports)),
                "p99_ms": round(median(report["all"]["p99_ms"] for report in reports), 1),
                "failed": sum(report["failed"] for report in reports),
            }
    return found


def best(found, side, what):
    """The most of a side, over the numbers of users it was tried with."""
    tried = [row["sittings_per_cpu_s"] for name, row in found.get(side, {}).items() if name.startswith(f"{what}, ")]
    return max(tried, default=None)


def against(found):
    """Ours through theirs in the "after" form, each with the number of users that suits it best; and with equal numbers."""
    theirs, ours = best(found, "after", "signed in, forms"), best(found, "examhall", "with sign-in, own hash")
    told = {
        "without_hashing": ratio(best(found, "examhall", "signed in, api"), theirs),
        "without_hashing_page_against_page": ratio(best(found, "examhall", "signed in, pages"), theirs),
        "with_sign_in_equally_strong_hashes": ratio(ours, best(found, "after", "with sign-in, own hash")),
        "with_sign_in_identical_hash": ratio(ours, best(found, "after", "with sign-in, identical hash")),
        "target_without_hashing": 40,
    }
    for name, row in found.get("examhall", {}).items():
        users = name.rsplit(", ", 1)[1]
        if name.startswith("signed in, api") and (other := found.get("after", {}).get(f"signed in, forms, {users}")):
            told[f"without_hashing_{users}_users_on_both_sides"] = ratio(row["sittings_per_cpu_s"], other["sittings_per_cpu_s"])
    return told


def gate(closed):
    """Whether the baseline does what the original did, each run by its own calibration."""
    told = {}
    for name, what in (("signed_in", "signed in, forms"), ("with_sign_in", "with sign-in, own hash")):
        reached = {}
        for run in of(closed, "after", what):
            original = ORIGINAL[name] * run["report"]["calibration"]["hashes_per_cpu_s"] / ORIGINAL["hashes_per_cpu_s"]
            reached.setdefault(run["users"], []).append(run["report"]["sittings_per_cpu_s"] / original)
        times = max(map(median, reached.values()))
        told[name] = {"times_the_original": round(times, 2), "holds": times >= NOISE}
    return told


def rows(runs):
    """The note's claims: before, after, ours."""
    table = {}
    for side in ("before", "after", "examhall"):
        closed = [run for run in runs if run["part"] == "closed" and run["side"] == side and "database" in run]
        told = [run["app_side"] for run in closed if run.get("app_side")]
        few = min((run["users"] for run in closed), default=None)
        closed = [run for run in closed if run["what"] != "signed in, pages" and run["users"] == few]
        sat = lambda run: max(run["report"]["sittings"], 1)
        alone = [run["report"] for run in runs if run["part"] == "alone" and run["side"] == side and run["what"] != "pages"]
        table[side] = {
            "query_ms_as_the_application_sees_it": rounded(median(
                (app["connection_s"] + app["statement_s"]) * 1e3 / app["statements"] for app in told)),
            "database_ms_per_sitting": rounded(median(run["database"]["active_ms"] / sat(run) for run in closed)),
            "database_ms_per_transaction": rounded(median(run["database"]["active_ms"] / max(run["database"]["commits"], 1) for run in closed)),
            "database_sessions_per_sitting": rounded(median(run["database"]["sessions"] / sat(run) for run in closed)),
            "alone_p50_ms": {name: action["p50_ms"] for name, action in alone[-1]["actions"].items()} if alone else None,
            "users_before_errors": {what: held(runs, side, what) for what in ("signed in", "with sign-in")},
            "memory_mb": rounded(median(run["report"]["memory_mb"]["proportional"] for run in closed)),
            "resident_mb": rounded(median(run["report"]["memory_mb"]["resident"] for run in closed)),
            "crowd": {what: crowd(runs, side, what) for what in ("signed in", "with sign-in")},
        }
    return table


def rounded(value):
    return None if value is None else round(value, 2)


def held(runs, side, what):
    """The most users that a side held, and the fewest that broke it, in the search."""
    tried = [run for run in of(runs, side, what) if run["part"] == "search"]
    holds = lambda run: bool(run["report"] and run["report"]["holds"])
    return {
        "held": max((run["users"] for run in tried if holds(run)), default=0 if tried else None),
        "broken": min((run["users"] for run in tried if not holds(run)), default=None),
        "memory_mb": max((run["report"]["memory_mb"]["proportional"] for run in tried if holds(run)), default=None),
    }


def crowd(runs, side, what):
    for run in of(runs, side, what):
        if run["part"] == "crowd":
            report = run["report"]
            if report is None:
                return "could not let the users start"
            return {"failed_share": round(report["failed_share"], 4), "reasons": report["reasons"], "p99_ms": report["all"]["p99_ms"],
                    "unanswered": report["unanswered"], "memory_mb": report["memory_mb"]["proportional"]}
    return None


def table(result):
    """For reading."""
    lines = []
    if found := result.get("against_after"):
        lines.append("Examhall against the baseline's \"after\" form, in sittings of 20 questions per second of processor time:")
        lines += [f"  {name.replace('_', ' ')}: {value}" for name, value in found.items()]
        lines.append("  The baseline commits nothing until the end; Examhall commits every answer.")
        for name, told in result["no_straw_man"].items():
            verdict = "is no straw man" if told["holds"] else "IS SLOWER THAN THE ORIGINAL: the ratios above flatter Examhall"
            lines.append(f"  The baseline, {name.replace('_', ' ')}: {told['times_the_original']} times the original's rate; it {verdict}.")
        lines += ["", f"  {'':40}{'sittings/CPU-s':>15}{'sittings/s':>12}{'server ms':>11}{'database ms':>12}{'KB':>6}{'p99 ms':>9}{'failed':>8}"]
        for side, kinds in result["sittings_per_cpu_s"].items():
            for what, row in kinds.items():
                lines.append(f"  {side + ': ' + what:40}{row['sittings_per_cpu_s']:>15}{row['sittings_per_s']:>12}{row['server_ms']:>11}"
                             f"{row['postgres_ms']:>12}{row['kb_sent']:>6}{row['p99_ms']:>9}{row['failed']:>8}")
        lines.append("")
    lines.append(f"  {'What the note claims (S16)':34}{'before':>26}{'after':>26}{'Examhall':>26}")
    for name in result["note_s16"]["before"]:
        values = [result["note_s16"][side][name] for side in ("before", "after", "examhall")]
        if isinstance(values[0], dict) and name != "alone_p50_ms":
            for what in values[0]:
                lines.append(line(f"{name}, {what}", [value[what] for value in values]))
        else:
            lines.append(line(name, values))
    return "\n".join(lines)


def line(name, values):
    return f"  {name.replace('_', ' '):34}" + "".join(f"{short(value):>26}" for value in values)


def short(value):
    if not isinstance(value, dict):
        return "-" if value is None else str(value)
    if "held" in value:
        return "-" if value["held"] is None else f"{value['held']} (not {value['broken'] or 'tried further'})"
    if "failed_share" in value:
        return f"{value['failed_share']:.1%}, p99 {value['p99_ms']:.0f} ms"
    return " ".join(f"{number:.1f}" for number in value.values())
