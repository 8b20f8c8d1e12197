"""What is served from memory, by the whole server and by bare hyper with the same bytes and headers, in turns."""
import json, os, re, statistics, subprocess, sys, time, urllib.request
from contextlib import contextmanager

from programs import built, free_port

# What hyper writes by itself, and what names one request.
OWN_HEADERS = {"date", "x-request-id"}
CONNECTIONS = 64


def asked(url, path):
    """An answer as browsers get it: its headers, and the packed content."""
    request = urllib.request.Request(url + path, headers={"accept": "*/*", "accept-encoding": "gzip, deflate, br"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        headers = sorted((name.lower(), value) for name, value in answer.headers.items())
        return headers, answer.read()


def stylesheet(made):
    """Where the style sheet of every page is."""
    with urllib.request.urlopen(made.url + "/", timeout=5) as page:
        return re.search(r'href="(/static/[^"]+\.css)"', page.read().decode()).group(1)


@contextmanager
def bare_hyper(bench, made, paths, threads):
    """hyper on as many threads, which answers these paths as the hall does."""
    port = free_port()
    told = [bench, "bare", "--port", str(port), "--threads", str(threads), "--like", made.url]
    told += [part for path in paths for part in ("--path", path)]
    process = subprocess.Popen(told)
    try:
        url = f"http://127.0.0.1:{port}"
        for _ in range(100):
            try:
                asked(url, paths[0])
                break
            except OSError:
                time.sleep(0.05)
        for path in paths:
            ours, theirs = asked(made.url, path), asked(url, path)
            names = [[name for name, _ in headers] for headers, _ in (ours, theirs)]
            same = [[header for header in headers if header[0] not in OWN_HEADERS] for headers, _ in (ours, theirs)]
            if names[0] != names[1] or same[0] != same[1] or ours[1] != theirs[1]:
                sys.exit(f"{path}: the answers differ: {ours[0]} and {theirs[0]}")
        yield url, process
    finally:
        process.terminate()
        process.wait()


def cached_get(made, given):
    """Slices of both by turns, ABBA; the figures are medians, and medians of the ratios of each round."""
    bench = built("bench", "BENCH_BIN")
    made.start()
    paths = {"style_sheet": stylesheet(made), "list_of_exams": "/api/v1/exams"}
    threads = made.figure("examhall_worker_threads")
    found = {"worker_threads": threads}
    with bare_hyper(bench, made, list(paths.values()), int(threads)) as (bare_url, bare):
        sides = {"bare": (bare_url, bare.pid), "examhall": (made.url, made.server.pid)}

        def slice_of(side, path):
            url, pid = sides[side]
            told = subprocess.run([bench, "load", "--url", url, "--path", path, "--connections", str(CONNECTIONS), "--seconds",
                                   str(given.seconds), "--process", str(pid)], check=True, stdout=subprocess.PIPE)
            return json.loads(told.stdout)

        for name, path in paths.items():
            for side in sides:
                slice_of(side, path)
            rounds = []
            for number in range(given.rounds):
                order = ("bare", "examhall", "examhall", "bare") if number % 2 == 0 else ("examhall", "bare", "bare", "examhall")
                slices = {"bare": [], "examhall": []}
                for side in order:
                    slices[side].append(slice_of(side, path))
                rounds.append(slices)
            middle = lambda side, field: round(statistics.median(one[field] for slices in rounds for one in slices[side]), 2)
            mean = lambda slices, side, field: statistics.mean(one[field] for one in slices[side])
            ratio = lambda over, under, field: [mean(slices, over, field) / mean(slices, under, field) for slices in rounds]
            cpu, rate = ratio("bare", "examhall", "server_us"), ratio("examhall", "bare", "per_s")
            found[name] = {
                "bytes": rounds[0]["bare"][0]["bytes"],
                **{f"{side}_{field}": middle(side, field) for side in sides for field in ("per_s", "server_us", "generator_us", "p99_ms")},
                "cpu_ratio": round(statistics.median(cpu), 3), "cpu_ratios": [round(one, 3) for one in cpu],
                "rate_ratio": round(statistics.median(rate), 3), "rate_ratios": [round(one, 3) for one in rate],
            }
    return found
