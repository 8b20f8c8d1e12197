"""The stylesheet that stands in every page, as the original's did: what pages weigh comes mostly from it."""

BASE = """
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: #1c2430; background: #f4f6f9; }
header, footer { padding: 1rem 2rem; background: #1f2d3d; color: #fff; }
header nav a { color: #cfe0f5; margin-right: 1.25rem; text-decoration: none; }
main { max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
.card { background: #fff; border: 1px solid #d9e0e8; border-radius: 8px; padding: 1.5rem; margin-bottom: 1.5rem; }
.button { display: inline-block; padding: .6rem 1.4rem; border: 0; border-radius: 6px; background: #2563a8; color: #fff; font: inherit; }
.option { display: block; padding: .8rem 1rem; margin: .5rem 0; border: 1px solid #c9d3de; border-radius: 6px; }
.progress { height: 8px; background: #e3e9f0; border-radius: 4px; } .progress span { display: block; height: 8px; background: #2563a8; }
table { width: 100%; border-collapse: collapse; } th, td { text-align: left; padding: .5rem; border-bottom: 1px solid #e3e9f0; }
.right { color: #1d6b3a; } .wrong { color: #a02727; } .error { color: #a02727; font-weight: 600; }
"""


def helpers():
    """One-property classes, as frameworks for stylesheets bring them by the hundred."""
    sides = {"t": "top", "r": "right", "b": "bottom", "l": "left"}
    for name, what in (("m", "margin"), ("p", "padding")):
        for step in range(11):
            size = f"{step * 0.25:g}rem"
            yield f".{name}-{step} {{ {what}: {size} !important; }}"
            for letter, side in sides.items():
                yield f".{name}{letter}-{step} {{ {what}-{side}: {size} !important; }}"
    for name, value in (("start", "flex-start"), ("end", "flex-end"), ("center", "center"), ("between", "space-between")):
        yield f".justify-{name} {{ display: flex; justify-content: {value}; }}"
    for width, screen in (("sm", 576), ("md", 768), ("lg", 992), ("xl", 1200)):
        columns = " ".join(f".col-{width}-{n} {{ flex: 0 0 auto; width: {n / 12:.4%}; }}" for n in range(1, 13))
        yield f"@media (min-width: {screen}px) {{ {columns} }}"
    for name, hue in (("primary", 210), ("good", 140), ("warn", 40), ("bad", 0), ("plain", 220)):
        for light in range(10, 100, 10):
            yield f".text-{name}-{light} {{ color: hsl({hue} 60% {light}%); }}"
            yield f".bg-{name}-{light} {{ background-color: hsl({hue} 60% {light}%); }}"
            yield f".border-{name}-{light}:hover {{ border-color: hsl({hue} 60% {light}%); }}"
            yield f".link-{name}-{light}:focus {{ outline: 2px solid hsl({hue} 60% {light}%); }}"
    for share in range(5, 101, 5):
        yield f".w-{share} {{ width: {share}%; }}"
        yield f".h-{share} {{ min-height: {share}%; }}"
        yield f".opacity-{share} {{ opacity: {share / 100:g}; }}"
    for step in range(1, 13):
        yield f".gap-{step} {{ gap: {step * 0.25:g}rem; }}"
        yield f".rounded-{step} {{ border-radius: {step * 2}px; }}"
        yield f".order-{step} {{ order: {step}; }}"


STYLE = BASE + "\n".join(helpers())
