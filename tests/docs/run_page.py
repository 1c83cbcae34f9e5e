"""Paste the commands of a page of docs/ into a shell, and compare what it says with what the page promises.
usage: run_page.py BUILD PAGE.md[#SECTION] [--show]

A block fenced as ```sh is pasted; the block fenced as ```text that follows it is what it prints, to the letter but for what differs each
time: times, UUIDs, tokens, milliseconds, and whatever stands for "…". Blocks fenced otherwise are not run. One shell runs the whole page, in
an empty folder, with the built programs in its PATH. Each port that the page names after 127.0.0.1 is a free one here, those of the
hub's defaults among them. The folder has build/ and config/ as the source tree does, a ./dev that has done its work, and in older/ the database of
a hub of a version before. --show prints what was said, for who writes the page."""
import contextlib
import difflib
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests/e2e"))
import older  # noqa: E402

PATIENCE = 120  # seconds for one block: a page that hangs is a failure, too
DEFAULTS = {"roamhubd": ("http.listen=127.0.0.1:8080", "admin.listen=127.0.0.1:8081"),
            "roamhubctl": ("http.listen=127.0.0.1:8080", "admin.listen=127.0.0.1:8081"), "roamhub-sim": ()}
VOLATILE = [(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"), (r"\b\d\d:\d\d:\d\d\b", "CLOCK"),
            (r"\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} CLOCK GMT", "DATE"),
            (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID"), (r" *\b\d+(\.\d+)? ms\b", " MS"),
            (r"(?<![\w-])[A-Za-z0-9][\w-]{47}(?![\w-])", "TOKEN")]


def blocks(text):
    """(line, language, content) of each fenced block."""
    found, start, language = [], None, None
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if not line.startswith("```"):
            continue
        if start is None:
            start, language = number + 1, line[3:].strip()
        else:
            found.append((start + 1, language, "\n".join(lines[start:number])))
            start = None
    if start is not None:
        raise SystemExit(f"line {start}: a block that does not end")
    return found


def pasted(text):
    """(line, commands, promise or None) of each block that is run."""
    found = blocks(text)
    for at, (line, language, content) in enumerate(found):
        if language == "sh":
            follows = found[at + 1] if at + 1 < len(found) else (0, "", "")
            yield line, content, follows[2] if follows[1] == "text" else None


def section_of(text, heading):
    """The lines below "## HEADING", all other lines empty; all of TEXT without a HEADING."""
    kept, inside = [], not heading
    for line in text.splitlines():
        if heading and line.startswith("## "):
            inside = line == f"## {heading}"
        kept.append(line if inside else "")
    return "\n".join(kept)


def free_ports(text):
    """A free port for each that TEXT names; all are held until each is known, so that they differ."""
    with contextlib.ExitStack() as held:
        ports = {}
        for port in set(re.findall(r"127\.0\.0\.1:(\d+)", text)) | {"8080", "8081"}:
            ports[port] = held.enter_context(socket.socket())
            ports[port].bind(("127.0.0.1", 0))
        return {port: str(free.getsockname()[1]) for port, free in ports.items()}


def with_ports(text, ports):
    return re.sub(r"\b(" + "|".join(ports) + r")\b", lambda found: ports[found[1]], text)


def settled(text):
    for pattern, word in VOLATILE:
        text = re.sub(pattern, word, text)
    return [re.sub(r"\s+", " ", line).strip() for line in text.splitlines() if line.strip()]


def same(promised, said):
    """Line by line; "…" in the promise is anything, and alone on its line any number of lines."""
    parts = ["(.*\n)*" if line == "…" else ".*".join(map(re.escape, line.split("…"))) + "\n" for line in settled(promised)]
    return re.fullmatch("".join(parts), "".join(line + "\n" for line in settled(said))) is not None


def difference(promised, said):
    return "\n".join(difflib.unified_diff(settled(promised), settled(said), "promised", "said", lineterm="", n=9))


class Shell:
    """One bash that reads block after block. What it starts behind itself ends with it, since they are one process group."""

    def __init__(self, folder, path):
        self.process = subprocess.Popen(
            ["bash", "--norc"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, "PATH": f"{path}:{os.environ['PATH']}", "NO_COLOR": "1", "HOME": folder}, start_new_session=True)

    def paste(self, commands):
        """What the commands print and the status of the last one."""
        mark = "end-of-the-block"
        self.process.stdin.write(f"{commands}\necho {mark} $?\n")
        self.process.stdin.flush()
        said = []
        for line in self.process.stdout:
            before, found, status = line.partition(mark)
            if found:
                return "".join(said) + before, int(status)
            said.append(line)
        return "".join(said), None

    def end(self, number=signal.SIGTERM):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


def wrap_programs(build, folder, ports):
    """Programs that take the page's ports for their defaults."""
    for name, settings in DEFAULTS.items():
        sets = " ".join(f"--set {with_ports(setting, ports)}" for setting in settings)
        wrapper = folder / name
        wrapper.write_text(f'#!/bin/sh\nexec "{build}/{name}" "$@" {sets}\n')
        wrapper.chmod(0o755)


def furnish(work, programs):
    """What a page finds where it is read: the built programs, the sample configuration, a build that is done, and an old database."""
    (work / "build").symlink_to(programs)
    (work / "config").symlink_to(SOURCE / "config")
    (work / "dev").symlink_to("/bin/true")
    (work / "older").mkdir()
    older.old_database(work / "older/roamhub.db", SOURCE / "migrations")


def judge(page, line, commands, promised, said, status):
    where = f"{page.name}:{line}"
    if status is None:
        return f"{where}: the shell ended\n{said}"
    if promised is not None:
        return None if same(promised, said) else f"{where}: {commands}\n{difference(promised, said)}"
    return None if status == 0 else f"{where}: exit status {status}: {commands}\n{said}"


def play(build, page, section, show):
    text = section_of(page.read_text(), section)
    ports = free_ports(text)
    faults, count = [], 0
    with tempfile.TemporaryDirectory() as scratch:
        work, programs = pathlib.Path(scratch, "work"), pathlib.Path(scratch, "bin")
        work.mkdir()
        programs.mkdir()
        wrap_programs(build, programs, ports)
        furnish(work, programs)
        shell = Shell(work, programs)
        signal.signal(signal.SIGALRM, lambda *_: shell.end(signal.SIGKILL))
        try:
            for line, commands, promised in pasted(text):
                signal.alarm(PATIENCE)
                said, status = shell.paste(with_ports(commands, ports))
                if show:
                    print(f"--- {line}, exit status {status}\n{with_ports(said, {free: port for port, free in ports.items()})}")
                fault = judge(page, line, commands, promised and with_ports(promised, ports), said, status)
                faults += [fault] if fault else []
                count += 1
                if status is None:
                    break
        finally:
            signal.alarm(0)
            shell.end()
            shell.process.communicate()
        logs = [log.read_text(errors="replace")[-3000:] for log in work.rglob("*.log")] if faults else []
    if count == 0:
        faults.append(f"{page.name}: no block to paste")
    return faults + logs


def main():
    build, (page, _, section) = os.path.abspath(sys.argv[1]), sys.argv[2].partition("#")
    page = pathlib.Path(page)
    faults = play(build, page, section, "--show" in sys.argv)
    print("\n".join(faults) if faults else f"{page.name}: as it promises")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
