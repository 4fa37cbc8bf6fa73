"""The commands of the store, in the order in which people use them, and a service that takes up what they publish."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.cli import COMMANDS
from policies.registry.store.connect import open_store
from policies.registry.store.signing import new_key
from policies.samples.publish import EARLIER, EXAMPLE, fill
from tests.cli import POLICY, Command, tierwise
from tests.running import Service, serving, wait_for
from tests.store import Clock

__all__ = ["tierwise"]

ROOT = Path(__file__).parent.parent
OF_THE_STORE = (
    "publish", "approve", "reject", "rollback", "versions", "show", "replay", "verify", "export", "erase", "keys",
)  # fmt: skip
ANN, BOB = ("--as", "ann"), ("--as", "bob")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a policy and no store."""
    for name in ("TIERWISE_DATABASE_URL", "TIERWISE_APPROVALS", "TIERWISE_POLICIES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.tier").write_text(POLICY, "utf-8")
    return tmp_path


def change(folder: Path, was: str, now: str) -> None:
    file = folder / "small.tier"
    text = file.read_text("utf-8")
    assert was in text
    file.write_text(text.replace(was, now), "utf-8")


@pytest.fixture
def two(folder: Path, tierwise: Command) -> Path:
    """A store with two versions of the policy."""
    for reason in ("first", "second"):
        assert tierwise("publish", "small.tier", "--reason", reason, *ANN).code == 0
        assert tierwise("approve", "small", *BOB, "--publish").code == 0
        change(folder, "from 60", "from 70") if reason == "first" else None
    return folder


def test_the_whole_way(folder: Path, tierwise: Command) -> None:
    handed = tierwise("publish", "small.tier", "--reason", "first", *ANN, "--from", "2030-01-01")
    draft = json.loads(handed.out)
    assert (draft["state"], draft["author"], draft["reason"]) == ("submitted", "ann", "first")
    assert "tierwise approve small@draft-1 --as NAME --publish --from 2030-01-01" in handed.err
    own = tierwise("approve", "small", *ANN)
    assert (own.code, "somebody else must approve it" in own.err) == (2, True)
    approved = tierwise("approve", "small@draft-1", *BOB)
    assert json.loads(approved.out)["state"] == "approved"
    assert "next: tierwise publish small@draft-1" in approved.err
    done = tierwise("publish", "small", *BOB, "--table", "--lang", "zh")
    assert done.out.startswith("`small@1` 已发布，自 ")
    listed = json.loads(tierwise("versions", "small").out)
    assert [(each["version"], each["in_force"]) for each in listed["versions"]] == [(1, True)]
    assert (folder / "var" / "tierwise.db").exists()


def test_what_is_not_right_is_not_handed_in(folder: Path, tierwise: Command) -> None:
    without = tierwise("publish", "small.tier", *ANN)
    assert (without.code, "--reason" in without.err) == (2, True)
    change(folder, "expect grade = B", "expect grade = A")
    failing = tierwise("publish", "small.tier", "--reason", "x", *ANN)
    assert (failing.code, failing.out) == (1, "")
    assert "Large: `grade` was expected to be" in failing.err
    change(folder, "when listed", "when lsted")
    assert "did you mean `listed`?" in tierwise("publish", "small.tier", "--reason", "x", *ANN).err
    assert json.loads(tierwise("versions").out) == {"versions": [], "drafts": []}


@pytest.mark.usefixtures("two")
def test_versions_are_shown_compared_and_decided_by(tierwise: Command) -> None:
    assert tierwise("show", "small@1").out == POLICY
    assert json.loads(tierwise("show", "small", "--json").out)["version"] == 2
    differing = tierwise("diff", "small@1", "small@2")
    assert (differing.code, differing.out) == (1, "grade: threshold of A from 60 to 70 (line 17)\n")
    as_json = json.loads(tierwise("diff", "small@1", "small", "--format", "json").out)
    assert [as_json[side]["version"] for side in ("old", "new")] == [1, 2]
    facts = '{"amount": 500, "listed": false}'
    for name, version in (("small", 2), ("small@1", 1), ("small@2", 2)):
        answer = json.loads(tierwise("decide", name, "--facts", "-", stdin=facts).out)
        assert answer["policy"]["version"] == version
    early = tierwise("decide", "small", "--facts", "-", "--as-of", "2026-01-01", stdin=facts)
    assert (early.code, "holds on 2026-01-01" in early.err) == (2, True)
    known = tierwise("decide", "small", "--facts", "-", "--known-at", "2020-01-01", stdin=facts)
    assert "that was known then" in known.err
    assert (
        "has no versions" in tierwise("decide", "small.tier", "--known-at", "2026-01-01", "--facts", "-").err
    )


def test_a_draft_can_be_compared_before_it_is_approved(two: Path, tierwise: Command) -> None:
    change(two, "from 70", "from 75")
    assert tierwise("publish", "small.tier", "--reason", "third", *ANN).code == 0
    assert "from 70 to 75" in tierwise("diff", "small", "small@draft").out
    assert "from 75" in tierwise("show", "small@draft").out
    assert tierwise("reject", "small", *BOB, "--comment", "too high").code == 0
    assert "no draft of `small` is waiting" in tierwise("approve", "small", *BOB).err
    back = tierwise("rollback", "small@1", "--reason", "oops", *ANN)
    assert "next: tierwise approve small --as NAME --publish" in back.err
    assert json.loads(tierwise("approve", "small", *BOB, "--publish").out)["rolled_back"] == 1


@pytest.mark.usefixtures("folder")
def test_the_past_asks_for_a_comment(tierwise: Command) -> None:
    handed = tierwise("publish", "small.tier", "--reason", "first", *ANN, "--from", "2026-01-02")
    said = "tierwise approve small@draft-1 --as NAME --publish --from 2026-01-02 --backdated --comment TEXT"
    assert said in handed.err
    arguments = said.replace("NAME", "bob").replace("TEXT", "late").split()[1:]
    done = tierwise(*arguments)
    assert (done.code, json.loads(done.out)["from"]) == (0, "2026-01-02")


def test_what_is_past_is_told_by_the_calendar_of_the_policy(
    folder: Path, tierwise: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On 1 June at 20:00 UTC it is 2 June already in Shanghai, where the policy lives."""
    clock = Clock(datetime(2026, 6, 1, 20, tzinfo=UTC))
    store = open_store(f"sqlite:///{folder}/store.db", clock=clock)
    monkeypatch.setattr("api.policy_argument.open_existing", lambda **_: store)
    today = tierwise("publish", "small.tier", "--reason", "x", *ANN, "--from", "2026-06-02")
    assert today.err.endswith("tierwise approve small@draft-1 --as NAME --publish --from 2026-06-02\n")
    past = tierwise("publish", "small.tier", "--reason", "x", *ANN, "--from", "2026-06-01")
    said = past.err.splitlines()[-1].removeprefix("then: tierwise ")
    assert said.endswith("--from 2026-06-01 --backdated --comment TEXT")
    assert tierwise(*said.replace("NAME", "bob").split()).code == 0
    store.close()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("show", "small@9"), "there is no version 9 of `small`"),
        (("show", "nothing"), "no policy `nothing` was published"),
        (("versions", "nothing"), "no policy `nothing` was published"),
        (("show", "small@x"), "`small@x` names no version"),
        (("rollback", "small", "--reason", "x"), "`small` names no version; write `small@1`"),
        (("approve", "small@3", *BOB), "`small@3` names no draft"),
        (("approve", "other@draft-1", *BOB), "draft 1 is not one of `other`, but of `small`"),
        (("approve", "small@draft-77", *BOB), "there is no draft 77"),
        (("approve", "small", "--from", "2030-01-01"), "--from belongs to publishing; add --publish"),
        (("approve", "small", "--backdated"), "--backdated belongs to publishing; add --publish"),
        (
            ("publish", "small.tier", "--reason", "x", "--backdated"),
            "--backdated belongs to publishing, which",
        ),
        (
            ("publish", "small.tier", "--reason", "x", "--comment", "y"),
            "--comment belongs to publishing, which",
        ),
        (("diff", "small@1", "small@9"), "there is no version 9 of `small`"),
        (("replay", "nonsense"), "no decision `nonsense` is recorded"),
        (("keys", "revoke", "7"), "there is no key 7"),
        (("keys", "create", "x", "--role", "boss"), "`boss` is no role"),
        (("verify", "--head", "x"), "`x` is no end of a chain"),
        (("verify", "--head", "events:1:zz"), "`events:1:zz` is no end of a chain"),
        (("verify", "small.tier"), "add --public-key"),
        (("erase", "nobody", "--reason", "x"), "no decision about the customer `nobody`"),
    ],
)
def test_mistakes_are_one_sentence(
    two: Path, tierwise: Command, arguments: tuple[str, ...], sentence: str
) -> None:
    assert two.exists()
    done = tierwise(*arguments)
    assert (done.code, done.out) == (2, "")
    assert sentence in done.err
    assert len(done.err.splitlines()) == 1
    assert any("\u4e00" <= sign <= "\u9fff" for sign in tierwise(*arguments, "--lang", "zh").err)


@pytest.mark.parametrize(
    "name", [name for name in OF_THE_STORE if name not in ("publish", "keys", "erase", "export")]
)
def test_without_a_store_it_says_so(folder: Path, tierwise: Command, name: str) -> None:
    arguments = {"versions": [], "verify": [], "replay": ["x"], "rollback": ["x@1", "--reason", "y"]}
    rest = ["--comment", "z"] if name == "reject" else []
    done = tierwise(name, *arguments.get(name, ["small@1"]), *rest)
    assert (done.code, "there is no store" in done.err) == (2, True)
    assert not (folder / "var").exists(), "asking makes no store"


def test_all_commands_of_the_store_are_tested() -> None:
    assert set(OF_THE_STORE) <= set(COMMANDS)


def test_keys(folder: Path, tierwise: Command) -> None:
    made = json.loads(
        tierwise("keys", "create", "Li Na", "--role", "author", "--expires", "2099-12-31", *ANN).out
    )
    assert made["secret"].startswith("tw_")
    assert made["expires_at"] == "2099-12-31T23:59:59.999999Z", "as over HTTP"
    [listed] = json.loads(tierwise("keys", "list").out)["keys"]
    assert "secret" not in listed
    assert (listed["name"], listed["works"]) == ("Li Na", True)
    assert "Li Na" in tierwise("keys", "list", "--table", "--lang", "zh").out
    assert json.loads(tierwise("keys", "revoke", "1", *ANN).out)["works"] is False
    again = tierwise("keys", "revoke", "1", *ANN)
    assert (again.code, "was revoked by `ann`" in again.err) == (2, True)
    assert (folder / "var").exists()


@pytest.mark.usefixtures("folder")
def test_the_last_day_of_the_calendar_is_one(tierwise: Command) -> None:
    made = tierwise("keys", "create", "Li Na", "--role", "author", "--expires", "9999-12-31", *ANN)
    assert json.loads(made.out)["expires_at"] == "9999-12-31T23:59:59.999999Z"


@pytest.mark.parametrize("unknown", [KeyError("getpwuid(): uid not found: 1234"), OSError(), ImportError()])
def test_somebody_without_a_name_is_asked_for_it(
    two: Path, tierwise: Command, monkeypatch: pytest.MonkeyPatch, unknown: Exception
) -> None:
    """As in a container whose user is only a number."""

    def nobody() -> str:
        raise unknown

    monkeypatch.setattr("getpass.getuser", nobody)
    for arguments in (
        ("publish", "small.tier", "--reason", "x"),
        ("approve", "small"),
        ("reject", "small", "--comment", "x"),
        ("rollback", "small@1", "--reason", "x"),
        ("erase", "C1", "--reason", "x"),
        ("keys", "revoke", "1"),
    ):
        done = tierwise(*arguments)
        assert (done.code, done.err) == (2, "tierwise: say who you are: --as NAME\n"), arguments
        assert "请用 --as 姓名 说明操作人" in tierwise(*arguments, "--lang", "zh").err
    change(two, "from 70", "from 75")
    assert tierwise("publish", "small.tier", "--reason", "x", *ANN).code == 0


# ---------------------------------------------------------------- the first hour


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store with what the first hour has of the worked example."""
    folder = tmp_path_factory.mktemp("filled")
    for name in (f"{EXAMPLE}.tier", f"{EXAMPLE}.tests.yaml"):
        (folder / name).write_bytes((ROOT / "policies" / name).read_bytes())
    url = f"sqlite:///{folder}/store.db"
    store = open_store(url)
    assert fill(store, folder) == ([f"{EXAMPLE}@1", f"{EXAMPLE}@2"], [])
    assert fill(store, folder) == ([], []), "the second run changes nothing"
    (folder / f"{EXAMPLE}.tier").write_text("policy b2b_grading\n", "utf-8")
    assert fill(store, folder) == ([], [str(folder / f"{EXAMPLE}.tier")]), "and it says where a file differs"
    store.close()
    return url


def test_what_the_earlier_version_said_stands_in_the_text() -> None:
    text = (ROOT / "policies" / f"{EXAMPLE}.tier").read_text("utf-8")
    assert [text.count(now) for now, _ in EARLIER] == [1] * len(EARLIER)


def test_the_first_hour_has_something_to_show(
    filled: str, tierwise: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TIERWISE_DATABASE_URL", filled)
    differing = tierwise("diff", f"{EXAMPLE}@1", f"{EXAMPLE}@2").out.splitlines()
    assert len(differing) == 6  # four rules, a headline, and the example that goes with one of them
    assert tierwise("replay", "--policy", EXAMPLE).err.startswith("51 decided again: 51 the same")
    against = tierwise("replay", "--policy", EXAMPLE, "--against", f"{EXAMPLE}@2")
    changed = [json.loads(line) for line in against.out.splitlines()]
    assert against.code == 1
    assert changed
    assert {each["result"] for each in changed} == {"changed"}
    one = tierwise("replay", changed[0]["decision_id"])
    assert (one.code, json.loads(one.out)["identical"]) == (0, True)
    whole = tierwise("verify")
    assert (whole.code, json.loads(whole.out)["whole"]) == (0, True)
    heads = [
        f"--head={name}:{end['seq']}:{end['hash']}" for name, end in json.loads(whole.out)["heads"].items()
    ]
    assert tierwise("verify", *heads).code == 0
    assert tierwise("verify", heads[0][:-3] + "000").code == 1
    monkeypatch.chdir(tmp_path)
    exported = json.loads(tierwise("export", "a.zip").out)
    assert exported["counts"]["versions"] == 2
    assert "`a.zip` is there already" in tierwise("export", "a.zip").err
    monkeypatch.delenv("TIERWISE_DATABASE_URL")
    assert tierwise("verify", "a.zip", "--public-key", exported["public_key"]).code == 0
    other = new_key(str(tmp_path / "other.key")).public
    refused = tierwise("verify", "a.zip", "--public-key", other)
    assert (refused.code, "was not signed with that key" in refused.err) == (1, True)


# ---------------------------------------------------------------- serving


def versions_of(service: Service) -> set[int]:
    """The versions by which the workers decide."""
    body = json.dumps({"policy": "small", "facts": {"amount": 5, "listed": False}}).encode()
    answers = service.from_every_worker(
        lambda: service.call("POST", "/v1/decisions", body)[1], "/v1/decisions"
    )
    return {json.loads(answer)["policy"]["version"] for answer in answers}


def test_workers_take_up_what_is_published(two: Path, tierwise: Command, tmp_path: Path) -> None:
    url = f"sqlite:///{two}/var/tierwise.db"
    with serving(tmp_path, database_url=url) as service:
        wait_for(lambda: "there are no keys: only callers on this machine" in "".join(service.said))
        assert versions_of(service) == {2}
        change(two, "from 70", "from 80")
        assert tierwise("publish", "small.tier", "--reason", "third", *ANN).code == 0
        assert tierwise("approve", "small", *BOB, "--publish").code == 0
        wait_for(lambda: versions_of(service) == {3})
    records = tierwise("replay", "--policy", "small")
    assert (records.code, "the same, 0 changed" in records.err) == (0, True)
    assert json.loads(tierwise("verify").out)["whole"] is True


def test_what_anybody_could_reach_is_not_served_without_keys(two: Path, tierwise: Command) -> None:
    done = tierwise(
        "serve", "--host", "0.0.0.0", "--port", "0", "--database", f"sqlite:///{two}/var/tierwise.db"
    )
    assert (done.code, "tierwise keys create" in done.err) == (2, True)
    both = tierwise("serve", "--database", "sqlite:///x.db", "--policies", ".")
    assert (both.code, "name one" in both.err) == (2, True)


@pytest.mark.parametrize(
    "code",
    [
        "from api.cli import run; run(['check', 'policies/membership.tier'])",
        "from api.cli import run; run(['diff', 'policies/membership.tier', 'policies/membership.tier'])",
        "from api.app import create_app; create_app()",
    ],
)
def test_files_need_no_database(code: str) -> None:
    command = f"{code}; import sys; sys.exit('sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
