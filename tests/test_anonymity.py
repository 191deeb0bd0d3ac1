"""Names out of logs: every spelling that logs use, hostile logs, and the record as a whole."""

import getpass
import json
import os
import re
import socket
import unicodedata
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cmsite.errors import SourceError
from cmsite.records import anonymity
from cmsite.records.anonymity import Anonymizer
from cmsite.records.identity import Identity, this_identity
from cmsite.records.suspects import fold
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
    "IPv6 and a port": ("[2001:db8::7]:80 2001:db8:0:0:0:0:0:7:8080", "[<ip>]:80 <ip>:8080"),
    "IPv6 before a colon": ("2001:db8::7: refused, addr:2001:db8::7", "<ip>: refused, addr:<ip>"),
    "IPv6 behind an escape": ("x\\nfe80::1 %20fe80::1 \x1b[31mfe80::1\x1b[0m", "x\\n<ip> %20<ip> \x1b[31m<ip>\x1b[0m"),
    "IPv6 and IPv4": ("::ffff:10.1.2.3 64:ff9b::10.1.2.3.", "<ip> <ip>."),
    "C++": ("c10::Error std::end(x) a std::add b::T", "c10::Error std::end(x) a std::add b::T"),
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


_ADDRESSES: dict[str, Callable[[IPv6Address], str]] = {
    "short": str,
    "long": lambda address: address.exploded,
    "upper": lambda address: str(address).upper(),
    "no zeros": lambda address: ":".join(f"{int(group, 16):x}" for group in address.exploded.split(":")),
    "version 4 at its end": lambda address: (
        address.exploded.rpartition(":")[0].rpartition(":")[0] + ":" + str(IPv4Address(int(address) % 2**32))
    ),
}


@settings(deadline=None)
@given(
    st.ip_addresses(v=6) | st.integers(0, 2**16).map(lambda end: IPv6Address(0x20010DB8 << 96 | end)),
    st.sampled_from(sorted(_ADDRESSES)),
    st.sampled_from(["", " ", "(", "[", "peer=", "addr:", "host: ", "\\n", "%20", "\x1b[31m", "'", "_", "x.", "std::"]),
    st.sampled_from(["", " ", ")", "]:80", ":", ": no", ".", ":8080", "\\n", "/64", "%eth0", "\x1b[0m", "_", "::"]),
)
def test_no_address_of_a_machine_is_left(address: IPv6Address, spelling: str, before: str, behind: str):
    assume(not (address.is_loopback or address.is_unspecified))
    text = _ADDRESSES[spelling](address)
    assert int(IPv6Address(text)) == int(address)
    assume(not (text.startswith("::") and before == "std::"))  # `std::::7` may as well be code.
    cleaned = Anonymizer(WHO).clean(f"{before}{text}{behind}").text
    assert text not in cleaned
    assert "<ip>" in cleaned


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_taken_and_cleaning_again_changes_nothing(text: str):
    anonymizer = Anonymizer(WHO)
    once = anonymizer.clean(text).text
    assert anonymizer.clean(once).text == once
    assert anonymizer.leaks_of(once) == ()


def cleaned_by_definition(anonymizer: Anonymizer, text: str) -> str:
    """Clean every line by every pattern."""
    everything = tuple(range(len(anonymizer._parts)))

    def put(match: re.Match[str]) -> str:
        return anonymizer._parts[int((match.lastgroup or "")[1:])].sign

    def put_address(match: re.Match[str]) -> str:
        return "<ip>" if anonymity._is_address(match[0]) else match[0]

    return "".join(
        anonymity._replaced(put_address, anonymizer._pattern(everything, encoded=True).sub(put, line))
        for line in text.splitlines(keepends=True)
    )


def leaks_by_definition(identity: Identity, text: str) -> tuple[int, ...]:
    """Search every decoded form of every line for every name."""
    names = [anonymity._folded(name) for name, _ in anonymity._names(identity)]
    found = re.compile("|".join(anonymity._pattern(name, encoded=False) for name in names) or "(?!)")
    return tuple(
        number
        for number, line in enumerate(text.splitlines(), 1)
        if any(found.search(form) for form in anonymity._decoded(anonymity._SIGNS.sub(" ", line)))
    )


_HEX_WHO = Identity(
    users=("ada", "beef25", "Kişi", "k%41x"),
    people=("Ada Fünf", "李 小明", "ſam ıǰx"),
    hosts=("cafe", "25abc", "1234"),
    folders=(("/home/ada", "<home>"), ("\\\\srv\\abcd", "<folder>")),
    emails=("ada@x.example",),
    macs=("a4bb6dc01234",),
)
_PIECES = [
    "epoch 3", " ", "/", "\\", "\\n", "\n", "<user>", "<", ">", ".", ":", "12:34:56", "1.5e-3", "%", "25", "%25", "%2f",
    "\\u00", "\\x", "&#", "&#x", ";", "61", "Ʞ", "\u212a", "\u017f", "\u0130", "\u0131", "\u0307", "ß", "█", "@", "::", "c10::",
    "10.0.0.1", "127.0.0.1", "1.2.3.4.5", "fe80::1", "02:42:ac:11:00:02", "0242.ac11.0002", "x@y.example", "x%40y.example",
    "abcd:1:2:3:4:5:6:7", "::ffff:1.2.3.4",
]  # fmt: skip


def _names_of(who: Identity) -> list[str]:
    return [*who.users, *who.people, *who.hosts, *(path for path, _ in who.folders), *who.emails, *who.macs]


@st.composite
def _logs(draw: st.DrawFn, who: Identity) -> str:
    """Draw a log of names, each letter of which may be written in another way, among what may confuse a search."""
    ways = sorted(_ENCODINGS)

    def spelled(name: str) -> str:
        if draw(st.booleans()):
            return _ENCODINGS[draw(st.sampled_from(ways))](name)
        return "".join(_ENCODINGS[way](sign) for sign, way in zip(
            name, draw(st.lists(st.sampled_from(ways), min_size=len(name), max_size=len(name))), strict=True
        ))  # fmt: skip

    names = st.sampled_from(_names_of(who)).map(spelled)
    return "".join(draw(st.lists(st.one_of(st.sampled_from(_PIECES), names, st.text(max_size=3)), max_size=12)))


@settings(deadline=None, max_examples=300)
@given(st.sampled_from([WHO, _HEX_WHO]).flatmap(lambda who: st.tuples(st.just(who), _logs(who))))
def test_the_fast_way_finds_what_the_definition_finds(case: tuple[Identity, str]):
    who, text = case
    anonymizer = Anonymizer(who)
    cleaned = anonymizer.clean(text).text
    assert cleaned == cleaned_by_definition(anonymizer, text)
    for shown in (text, cleaned):
        assert anonymizer.leaks_of(shown) == leaks_by_definition(who, shown)


def test_signs_that_a_pattern_takes_for_one_fold_to_one():
    """Every sign that ignoring case makes equal to another, by the patterns' own rules."""
    cased = [sign for sign in map(chr, range(0x110000)) if len({sign, sign.lower(), sign.upper(), sign.casefold()}) > 1]
    everything = "\n".join(cased)
    for sign in cased:
        for found in re.finditer(re.escape(sign), everything, re.IGNORECASE):
            assert fold(found[0]) == fold(sign), (sign, found[0])
    assert len(fold(everything).splitlines()) == len(everything.splitlines())


def test_only_lines_that_may_hold_a_name_are_searched(monkeypatch: pytest.MonkeyPatch):
    searched: list[tuple[int, ...]] = []
    pattern = Anonymizer._pattern

    def counted(self: Anonymizer, numbers: tuple[int, ...], *, encoded: bool) -> re.Pattern[str]:
        searched.append(numbers)
        return pattern(self, numbers, encoded=encoded)

    monkeypatch.setattr(Anonymizer, "_pattern", counted)
    line = "2026-01-02 12:34:56,789 INFO epoch 3 loss 0.123 <tqdm> 100%|██████| at /usr/lib/nn.py%5C%6e\n"
    cleaned = Anonymizer(WHO).clean(line * 500 + "jdoe\n" + line * 500)
    assert cleaned.text == line * 500 + "<user>\n" + line * 500
    assert len(searched) == 1
    assert len(searched[0]) < len(Anonymizer(WHO)._parts) / 2


def test_a_log_of_ever_other_names_compiles_few_patterns():
    names = [f"person{number:02d}x" for number in range(12)]
    anonymizer = Anonymizer(Identity(users=tuple(names)))
    lines = [" ".join(name for bit, name in enumerate(names) if chosen >> bit & 1) for chosen in range(1, 300)]
    cleaned = anonymizer.clean("\n".join(lines))
    assert set(cleaned.text.split()) == {"<user>"}
    assert len(anonymizer._patterns) <= anonymity.MAX_PATTERNS + 2


HOSTILE = {
    "slashes": "/" * 200_000,
    "letters": "a" * 200_000,
    "percent": "%25" * 60_000,
    "colons": "a:" * 100_000,
    "dots": "1." * 100_000,
    "signs": "jane@" * 40_000,
    "blanks": "Jane" + " " * 200_000,
    "hex": "0123456789abcdef" * 12_000,
    "backslashes": "\\" * 200_000,
    "zeros": "&#" + "0" * 200_000,
    "digits": "&#" + "9" * 200_000,
    "ampersands": "&#0" * 60_000,
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


def test_a_git_that_does_not_answer_hides_nothing_silently(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "git").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr("cmsite.records.identity._GIT_S", 0.2)
    with pytest.raises(SourceError, match=r"`git config --get-all user\.name` had not ended after 0\.2 s"):
        this_identity()


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
