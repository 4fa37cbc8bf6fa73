"""The worker's process: it stands apart from whoever asks, it never holds anybody up, and it is never left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from engine import durable_cage
from engine.durable_cage import Cage, Incident, Limits, Rulebook
from engine.durable_process import ROOT, Process
from engine.durable_worker import MOST_MEMORY, SEEN
from tests import durable_workers
from tests.durable_workers import entry
from tests.running import wait_for
from tests.test_durable_cage import SEEING, ask, counts, rule

pytestmark = pytest.mark.skipif(
    find_spec("durable_rules_engine") is None or not Path("/proc/self").exists(),
    reason="durable-rules is not installed here, or there is no /proc to look at processes in",
)


@pytest.fixture
def cage() -> Iterator[Cage]:
    made = Cage()
    yield made
    made.close()


def alive(pid: int) -> bool:
    """Whether a process is there and does not merely wait to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def book(name: str, rules: int) -> Rulebook:
    """A rulebook of so many rules, in rulesets of 50."""
    rulesets = {
        f"{name}_{start}": {
            SEEN: SEEING,
            **{
                f"r{number}": rule(f"r{number}", {"$and": [{SEEN: 1}, {"q": number}]})
                for number in range(start, start + 49)
            },
        }
        for start in range(0, rules, 50)
    }
    return Rulebook(name, rulesets)


# ---------------------------------------------------------------- nobody is held up


def in_time(asking: Callable[[], object], patience: float = 10) -> list[object]:
    """What came of a question, in a thread of its own: one that hangs must not take the test along."""
    found: list[object] = []

    def ask_it() -> None:
        try:
            found.append(asking())
        except Incident as incident:
            found.append(incident.why)

    thread = threading.Thread(target=ask_it, daemon=True)
    thread.start()
    thread.join(patience)
    return found


def test_a_stopped_worker_does_not_hold_up_a_question_that_does_not_fit_the_line() -> None:
    cage = Cage(Limits(load=2.0))
    ask(cage, 1)
    assert cage.pid is not None
    os.kill(cage.pid, signal.SIGSTOP)
    long = book("long", 5000)
    assert len(json.dumps(long.rulesets)) > 300_000  # more than a socket takes in unread
    assert in_time(lambda: cage.fire(long, [("long_0", {SEEN: 1, "q": 3})])) == [[[SEEN, "r3"]]]
    assert in_time(lambda: ask(cage, 20)) == [[[SEEN, "big"]]]
    assert cage.counts()["lost", "slow"] == 1
    cage.close()


def test_a_worker_that_takes_nothing_in_is_given_up() -> None:
    cage = Cage(Limits(load=0.2), entry(durable_workers.takes_nothing_in))
    assert in_time(lambda: cage.fire(book("long", 5000), [("long_0", {SEEN: 1})])) == ["slow"]
    assert counts(cage) == {"started": 2, "lost": 2, "incident": 1}
    cage.close()


def test_a_worker_that_hangs_ends_itself_where_nobody_else_does() -> None:
    process = Process(entry(durable_workers.hangs), 0.3)
    process.reply(0, 10)
    process.line.sendall(b"\x00\x00\x00\x0e" + b'[1, "fire", 0]')
    wait_for(lambda: not alive(process.pid))
    process.end()


def test_ctrl_c_in_the_middle_of_a_question_ends_its_worker() -> None:
    cage = Cage(entry=entry(durable_workers.hangs))
    started: list[int] = []

    def interrupt() -> None:
        wait_for(lambda: cage.pid is not None)
        assert cage.pid is not None
        started.append(cage.pid)
        time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        ask(cage, 1)
    assert cage.pid is None
    assert not alive(started[0])
    assert counts(cage) == {"started": 1}


# ---------------------------------------------------------------- it keeps to itself


def test_ctrl_c_is_for_the_group_of_the_parent(cage: Cage) -> None:
    ask(cage, 1)
    assert cage.pid is not None
    assert os.getpgid(cage.pid) == cage.pid != os.getpgid(0)


def test_memory_has_an_end_and_a_crash_leaves_no_core(cage: Cage) -> None:
    ask(cage, 1)
    limits = Path(f"/proc/{cage.pid}/limits").read_text().splitlines()
    told = {line[:26].strip(): line[26:].split()[:2] for line in limits}
    assert told["Max address space"] == [str(MOST_MEMORY)] * 2
    assert told["Max core file size"] == ["0", "0"]


def test_standard_output_stays_the_commands_own(capfd: pytest.CaptureFixture[str]) -> None:
    cage = Cage(entry=entry(durable_workers.prints))
    assert ask(cage, 1) == [[SEEN, "small"]]
    cage.close()
    assert capfd.readouterr().out == ""


def test_what_is_dropped_is_freed(cage: Cage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules take some 12 KB each: 6,000 of them are not to be seen when no more than 1,000 are held at once."""

    def memory() -> int:
        """What the worker takes, in kilobytes."""
        text = Path(f"/proc/{cage.pid}/status").read_text()
        return int(text.partition("VmRSS:")[2].split()[0])

    monkeypatch.setattr(durable_cage, "MOST_RULES_HELD", 1000)
    sizes = []
    for number in range(12):
        cage.fire(book(f"b{number}", 500), [(f"b{number}_0", {SEEN: 1, "q": 1})])
        sizes.append(memory())
    assert sizes[-1] - sizes[3] < 20_000
    assert counts(cage) == {"started": 1}


# ---------------------------------------------------------------- whoever asks

ASKS = """
from datetime import date
from dsl.checker import compile_policy
from dsl.source import Source
from engine import durable_cage, engines
from engine.facts import read_facts

POLICY = compile_policy(Source("policy p\\nfact x: number\\ntiers g\\n A when x > 1\\n B otherwise\\n"))

def ask(x):
    decision = engines.decide(POLICY, read_facts(POLICY, {"x": x}), as_of=date(2026, 6, 30), engine="durable")
    return decision.engine, decision.tiers["g"].tier
"""


def script(tmp_path: Path, text: str) -> list[str]:
    """What a script prints that asks as `ASKS` does; it must end well and say nothing on standard error."""
    path = tmp_path / "script.py"
    path.write_text(ASKS + text, "utf-8")
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(path)], cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_a_script_without_a_main_guard_is_not_run_twice(tmp_path: Path) -> None:
    assert script(tmp_path, "print('begins')\nprint(*ask(2))\n") == ["begins", "durable A"]


def test_a_modules_name_in_the_callers_folder_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "engine").mkdir()
    (tmp_path / "engine" / "__init__.py").write_text("raise SystemExit('the wrong engine')\n")
    path = f"import os; os.chdir({str(tmp_path)!r})\n"
    (tmp_path / "elsewhere").mkdir()
    assert script(tmp_path / "elsewhere", f"{path}print(*ask(2))\n") == ["durable A"]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_the_workers_of_a_pool_may_ask(tmp_path: Path, method: str) -> None:
    text = f"""
if __name__ == "__main__":
    from multiprocessing import get_context
    with get_context({method!r}).Pool(2) as pool:
        print(pool.map(ask, [1, 2]))
"""
    assert script(tmp_path, text) == ["[('durable', 'B'), ('durable', 'A')]"]


def test_a_fork_has_a_worker_of_its_own_and_leaves_its_parents_alone(tmp_path: Path) -> None:
    text = """
import os, sys
print(*ask(2), flush=True)
cage = durable_cage.cage()
own = cage.pid
child = os.fork()
if child == 0:
    print(*ask(1), durable_cage.cage().pid not in (own, None), dict(cage.counts()))
    sys.exit()
os.waitpid(child, 0)
print(*ask(2), cage.pid == own, cage.counts()["started", ""])
"""
    assert script(tmp_path, text) == [
        "durable A",
        "durable B True {('started', ''): 1, ('question', 'decided'): 1}",
        "durable A True 1",
    ]


@pytest.mark.parametrize("how", ["os._exit(0)", "os.kill(os.getpid(), 9)"])
def test_a_worker_ends_with_its_parent_though_a_fork_lives_on(tmp_path: Path, how: str) -> None:
    path = tmp_path / "script.py"
    text = f"""
import os, sys, time
ask(2)
if os.fork() == 0:
    time.sleep(99)
    os._exit(0)
print(durable_cage.cage().pid, flush=True)
{how}
"""
    path.write_text(ASKS + text, "utf-8")
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    program = [sys.executable, str(path)]
    with subprocess.Popen(program, env=environ, stdout=subprocess.PIPE, start_new_session=True) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        parent.wait()
        try:
            wait_for(lambda: not alive(worker))
        finally:
            os.killpg(parent.pid, signal.SIGKILL)  # the fork
        parent.stdout.close()


def test_a_worker_ends_with_a_process_that_ends_well(tmp_path: Path) -> None:
    [worker] = script(tmp_path, "ask(2)\nprint(durable_cage.cage().pid)\n")
    wait_for(lambda: not alive(int(worker)))
