"""The programs that are measured, and the PostgreSQL they are measured on."""
import contextlib, json, os, socket, subprocess, sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
given_ports = set()
PGURL = os.environ.get("PGURL", "postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable")


def numbers(documentation, *defaults):
    """The arguments, which are whole numbers; those that are missing by default."""
    given = sys.argv[1:1 + len(defaults)]
    if not all(argument.isascii() and argument.isdigit() for argument in given):
        print(documentation)
        sys.exit(0 if given[0] in ("-h", "--help") else 64)
    return [int(argument) for argument in given] + list(defaults[len(given):])


def built(name, variable):
    """The path of a program, built for release; or of the one that an environment variable names."""
    if path := os.environ.get(variable):
        return path
    subprocess.run(["cargo", "build", "--release", "--locked", "--quiet", "--bin", name], cwd=ROOT, check=True)
    told = subprocess.run(["cargo", "metadata", "--format-version", "1", "--no-deps"], cwd=ROOT, check=True, capture_output=True)
    return json.loads(told.stdout)["target_directory"] + f"/release/{name}"


def free_port():
    """One below those that the system gives to connections, of which there will be thousands."""
    for port in range(5900 + os.getpid() % 20_000, 30_000):
        with socket.socket() as tried, contextlib.suppress(OSError):
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(("127.0.0.1", port))
            if port not in given_ports:
                given_ports.add(port)
                return port
    sys.exit("there is no free port")


def address_of(database):
    """The address of another database of the same PostgreSQL."""
    return PGURL.replace("/postgres?", f"/{database}?")


def psql(url, *statements):
    """Runs statements on one connection, each by itself; what they print."""
    commands = [part for statement in statements for part in ("-c", statement)]
    told = ["psql", "-XqtA", "-v", "ON_ERROR_STOP=1", url, *commands]
    return subprocess.run(told, check=True, stdout=subprocess.PIPE, text=True).stdout


def write_result(name, result):
    """Writes bench/results/NAME.json."""
    os.makedirs(f"{ROOT}/bench/results", exist_ok=True)
    with open(f"{ROOT}/bench/results/{name}.json", "w") as file:
        file.write(json.dumps(result, indent=2) + "\n")


def add_to_result(name, result):
    """Writes bench/results/NAME.json, and keeps what it had under other names."""
    try:
        with open(f"{ROOT}/bench/results/{name}.json") as file:
            result = {**json.load(file), **result}
    except FileNotFoundError:
        pass
    write_result(name, result)
