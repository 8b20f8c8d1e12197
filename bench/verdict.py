"""Whether a run counts: what must not happen in any scenario, whatever its figures are. How quick it was is judged by who reads them."""

# Each must be nothing: promises that were broken, answers that nobody expects, people who gave up, processes that the memory's limit ended.
NOTHING = ("broken", "unexpected", "gave_up", "killed")


def faults(found, place=""):
    """What makes the figures of a run worth nothing, each with its place. Of a step that was too much on purpose, only broken promises."""
    if isinstance(found, list):
        return [fault for number, part in enumerate(found) for fault in faults(part, f"{place}[{number}]")]
    if not isinstance(found, dict):
        return []
    wrong = [f"{place}.{name}: {found[name]}".lstrip(".") for name in NOTHING if found.get(name)]
    if found.get("alive") is False:
        wrong.append(f"{place}.alive: False".lstrip("."))
    parts = [fault for name, part in found.items() if name not in NOTHING for fault in faults(part, f"{place}.{name}")]
    if found.get("is_too_much"):
        return [fault for fault in wrong + parts if ".broken: " in f".{fault}"]
    return [fault.lstrip(".") for fault in wrong + parts]
