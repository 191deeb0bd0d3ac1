"""Names out of logs: every spelling that logs use, hostile logs, and the record as a whole."""

import getpass
import json
import os
import socket
import unicodedata
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cmsite.records.anonymity import Anonymizer
from cmsite.records.identity import Identity, this_identity
from tests.test_record import ADA, block_of, of_paper, only, repository, script

__all__ = ["repository"]  # A fixture.
WHO = Identity(
    users=("jdoe", "al"),
    people=("Jane Döe",),
    hosts=("node17.cluster.example.org", "node17"),
    folders=(("/home/jdoe", "<home>"), ("C:\\Users\\jdoe", "<home>"), ("/scratch/secret-project", "<folder>")),
    emails=("jane@uni.example.edu",),
    macs=("0242ac110002",),
)
SPELLINGS = {
    "plain": ("user jdoe ran", "user <user> ran"),
    "upper": ("JDOE", "<user>"),
    "path": ("/home/jdoe/x.py", "<home>/x.py"),
    "doubled": ("//home//jdoe//x", "<home>//x"),
    "Windows": ("C:\\Users\\JDoe\\x", "<home>\\x"),
    "Windows in JSON": ('"C:\\\\Users\\\\jdoe\\\\x"', '"<home>\\\\x"'),
    "URL": ("file:///home/jdoe/x", "file:<home>/x"),
    "percent": ("%2Fhome%2Fjdoe%2Fx", "<home>%2Fx"),
    "percent twice": ("%252fhome%252fjdoe", "<home>"),
    "percent letters": ("%6Ad%6Fe", "<user>"),
    "JSON escape": ("J\\u0061ne D\\u00f6e", "<name>"),
    "composed": (unicodedata.normalize("NFD", "Jane Döe"), "<name>"),
    "other folder": ("/home/jdoe2", "/home/<user>2"),
    "project": ("cd /scratch/secret-project/run", "cd <folder>/run"),
    "host": ("on NODE17.cluster.example.org:8080", "on <host>:8080"),
    "short host": ("node17-ib0", "<host>-ib0"),
    "user at host": ("jdoe@node17", "<user>@<host>"),
    "short user": ("al ran `also` in /u/al/x and al_x", "<user> ran `also` in /u/<user>/x and <user>_x"),
    "short user escaped": ("%2Fal%2F and \\nal", "%2F<user>%2F and \\n<user>"),
    "e-mail": ("Author: Jane Doe <j.d+x@mail.example.com>", "Author: <name> Doe <<email>>"),
    "e-mail encoded": ("jane%40uni.example.edu", "<email>"),
    "name joined": ("jane.döe jane_döe jane-DÖE", "<name> <name> <name>"),
    "IPv4": ("peer 10.1.2.3:80, 127.0.0.1", "peer <ip>:80, 127.0.0.1"),
    "IPv6": ("fe80::42:acff:fe11:2%eth0 ::1 2001:db8::7", "<ip> ::1 <ip>"),
    "MAC": ("02:42:ac:11:00:02 02-42-AC-11-00-02 0242.ac11.0002 0242ac110002", "<mac> <mac> <mac> <mac>"),
    "time": ("12:30:45 took 1:02", "12:30:45 took 1:02"),
    "numbers": ("accuracy 0.961 loss 1.2e-05 1.2.3", "accuracy 0.961 loss 1.2e-05 1.2.3"),
}  # fmt: skip


@pytest.mark.parametrize("case", SPELLINGS)
def test_a_spelling_is_replaced(case: str):
    text, expected = SPELLINGS[case]
    cleaned = Anonymizer(WHO).clean(text).text
    assert cleaned == expected
    assert Anonymizer(WHO).leaks_of(cleaned) == ()


_ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "upper": str.upper,
    "lower": str.lower,
    "title": str.title,
    "casefold": str.casefold,
    "percent": lambda text: quote(text, safe=""),
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "every letter": lambda text: "".join(f"%{octet:02X}" for octet in text.encode()),
    "JSON": lambda text: json.dumps(text)[1:-1],
    "HTML": lambda text: "".join(f"&#{ord(sign)};" for sign in text),
    "composed": lambda text: unicodedata.normalize("NFC", text),
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
}
_letters = st.text(st.characters(codec="latin-1", categories=("Ll", "Lu", "Nd")), min_size=4, max_size=12)
_around = st.text(st.characters(codec="utf-8", categories=("Ll", "Lu", "Nd", "P", "Zs")), max_size=8)


@settings(deadline=None)
@given(_letters, st.sampled_from(sorted(_ENCODINGS)), _around, _around)
def test_no_spelling_of_a_user_is_left(name: str, encoding: str, before: str, behind: str):
    assume(name.casefold() not in "<user>")
    anonymizer = Anonymizer(Identity(users=(name,)))
    cleaned = anonymizer.clean(f"{before} /home/{_ENCODINGS[encoding](name)}/{behind}").text
    assert name.casefold() not in cleaned.casefold().replace("<user>", "")
    assert anonymizer.leaks_of(cleaned) == ()


@settings(deadline=None)
@given(st.lists(_letters, min_size=1, max_size=3), st.sampled_from(sorted(_ENCODINGS)))
def test_no_spelling_of_a_folder_is_left(parts: list[str], encoding: str):
    path = "/" + "/".join(parts)
    anonymizer = Anonymizer(Identity(folders=((path, "<home>"),)))
    for separators in (path, path.replace("/", "\\"), path.replace("/", "\\\\"), path.replace("/", "//")):
        cleaned = anonymizer.clean(f"open({_ENCODINGS[encoding](separators)})").text
        assert anonymizer.leaks_of(cleaned) == ()
        assert "<home>" in cleaned


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_taken_and_cleaning_again_changes_nothing(text: str):
    anonymizer = Anonymizer(WHO)
    once = anonymizer.clean(text).text
    assert anonymizer.clean(once).text == once
    assert anonymizer.leaks_of(once) == ()


HOSTILE = {
    "slashes": "/" * 200_000,
    "letters": "a" * 200_000,
    "percent": "%25" * 60_000,
    "colons": "a:" * 100_000,
    "dots": "1." * 100_000,
    "signs": "jane@" * 40_000,
    "blanks": "Jane" + " " * 200_000,
    "hex": "0123456789abcdef" * 12_000,
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_line_takes_no_endless_time(case: str):
    anonymizer = Anonymizer(WHO)
    anonymizer.leaks_of(anonymizer.clean(f"{HOSTILE[case]}\n%41").text)  # Endless, where a pattern backtracks.


def test_the_identity_of_this_machine_is_known():
    identity = this_identity()
    assert getpass.getuser() in identity.users
    assert socket.gethostname() in identity.hosts
    assert ("Ada" in identity.people, "ada@example.org" in identity.emails) == (True, True)  # From git's environment.
    assert (os.environ["HOME"], "<home>") in identity.folders
    cleaned = (
        Anonymizer(identity)
        .clean(f"{getpass.getuser()}@{socket.gethostname()}:{Path.cwd()} {os.environ['HOME']}/x")
        .text
    )
    assert getpass.getuser() not in cleaned.replace("<user>", "")
    assert socket.gethostname() not in cleaned


CODE = """import getpass, json, os, socket, urllib.parse
user, host, home, here = os.environ['USER'], socket.gethostname(), os.environ['HOME'], os.getcwd()
for text in (user, user.upper(), host, host.upper(), home, here, urllib.parse.quote(home, safe=''), home.replace('/', '\\\\'), json.dumps(home)):
    print('saw', text)
print('from 192.168.7.9 ada@example.org')
print(json.dumps({'time': 2, 'environment': {'framework': 'run by ' + user, 'hostname': host}}))
if CASE == 'fails':
    raise SystemExit('failed in ' + home)
"""


@pytest.mark.parametrize("case", ["works", "fails"])
def test_an_anonymous_record_holds_no_name(repository: Path, case: str):
    command = script(repository, f"CASE = {case!r}\n{CODE}")
    options = ("--claim", "C3", "--anonymous", "--note", "I am mmustermann")
    shown = of_paper(repository, *options, *command, code=2, USER="mmustermann")
    assert "add --yes" in shown
    assert not (repository / "reproduction").exists()
    shown = of_paper(repository, *options, "--yes", *command, USER="mmustermann", HOSTNAME="secret-box")
    assert "This will be public" in shown
    assert "× <user>" in shown
    folder = only(repository)
    assert block_of(folder)["agent"] == "anonymous"
    assert "hostname" not in block_of(folder)["environment"]
    everything = "".join(path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()).casefold()
    names = ("mmustermann", socket.gethostname(), os.environ["HOME"], str(repository), "192.168.7.9", "ada@example.org")
    for name in names:
        assert name.casefold() not in everything, name
        assert quote(name, safe="").casefold() not in everything, name
    assert "saw <user>" in everything
    assert "saw <home>" in everything
    assert block_of(folder)["runs"][0]["actionStatus"] == (
        "CompletedActionStatus" if case == "works" else "FailedActionStatus"
    )


def test_a_binary_log_cannot_be_made_anonymous(repository: Path):
    log = repository.parent / "trace.bin"
    log.write_bytes(b"\0jdoe")
    printed = of_paper(repository, "--claim", "C1", "--value", "99", "--anonymous", "--yes", "--from-log", log, code=2)
    assert "so it cannot be made anonymous" in printed


def test_anonymous_and_named_contradict(repository: Path):
    assert "contradict" in of_paper(repository, *ADA, "--claim", "C1", "--value", "9", "--anonymous", code=2)
