"""Carrying out a plan in a workspace that is held: fetch and check everything, then put it in place and write the lock.

Nothing appears in the workspace before all of it is checked. What was killed is completed by the next run: artifacts
come first, each in one step, the lock last. Source: CONTRACT §8, facts/index.md §4 (cases 36 to 38).
"""

import contextlib
import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path

from cmsite.client.installing import MetaCheck, Prepared, install, prepare, refuse_links
from cmsite.client.lock import Lock, LockedArtifact, LockedLicenses, emit_lock, make_lock, require_writable
from cmsite.client.planning import Action, Choice, Step
from cmsite.client.remote import RemoteRegistry
from cmsite.client.verify import Difference, artifact_differences, license_differences
from cmsite.client.workspace import LOCK_FILE, Workspace, ensure_descriptors, refuse_linked_folders
from cmsite.errors import IntegrityError, OutputError
from cmsite.index.records import Record, Version
from cmsite.member_names import NameRegister, check_member_name
from cmsite.member_names import shown as readable
from cmsite.model.names import NamePair, is_safe_folder, parse_pair, slug
from cmsite.outputs import OutputFile, OutputFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What became of one reference; `folder` is where the artifact lies."""

    choice: Choice
    action: Action
    folder: Path
    notes: tuple[str, ...] = ()

    @property
    def record(self) -> Record:
        """Return what the index says of the artifact."""
        return self.choice.record

    @property
    def version(self) -> Version:
        """Return the revision that lies in the folder."""
        return self.choice.version


@dataclass(frozen=True, slots=True, kw_only=True)
class _Licenses:
    """The licence files of one repository as the lock names them, with their bytes by path below the licences."""

    locked: LockedLicenses
    content: Mapping[str, bytes]


class Application:
    """One plan for a held workspace.

    `lock` is what the workspace should hold, `installed` what the last command left on this disk. With `pinned` the
    lock is obeyed and never written.
    """

    def __init__(
        self,
        workspace: Workspace,
        lock: Lock,
        installed: Lock,
        registry_of: Mapping[str, RemoteRegistry],
        check: MetaCheck,
        *,
        force: bool = False,
        pinned: bool = False,
    ) -> None:
        self.workspace = workspace
        self.lock = lock
        self.installed = installed
        self.registry_of = registry_of
        self.check = check
        self.force = force
        self.pinned = pinned
        self._locked_at = {artifact.path: artifact for artifact in lock.artifacts}
        self._installed_at = {artifact.path: artifact for artifact in installed.artifacts}

    def run(self, plan: Sequence[Step], draw_uid: Callable[[], str]) -> tuple[Pulled, ...]:
        """Carry out the plan; raises as `cmsite.client.pull.pull`."""
        needed = [step for step in plan if self._is_needed(step)]
        with _staged(self.workspace):
            prepared = self.prepare_all(needed)
            licenses = self.licenses(needed)
            for item in prepared:
                self._refuse_to_overwrite(item)
            after = self.lock if self.pinned else self.locked_after(plan, prepared, licenses)
            self._write_all(plan, prepared, licenses, after, draw_uid)
        notes = {item.choice.path: item.notes for item in prepared}
        done = {step.choice.path for step in needed}
        return tuple(self._pulled(step, done, notes) for step in plan)

    def relock(self, plan: Sequence[Step]) -> Lock:
        """Return the lock after the plan without touching an artifact; nothing is written."""
        needed = [step for step in plan if step.action is not Action.KEEP]
        with _staged(self.workspace):
            return self.locked_after(plan, self.prepare_all(needed), self.licenses(needed))

    def prepare_all(self, needed: Sequence[Step]) -> list[Prepared]:
        """Fetch, unpack and check what is needed, below the folder of incoming artifacts."""
        archives = self._fetch(needed)
        prepared = [self._prepare(number, step, archives[number]) for number, step in enumerate(needed)]
        if self.pinned:
            for item in prepared:
                self._require_pinned_files(item)
        self._require_bases(prepared)
        return prepared

    def licenses(self, needed: Sequence[Step]) -> list[_Licenses]:
        """Return the licence files of every repository that something is taken from."""
        repositories = {(step.choice.registry_id, step.choice.record.repository): step.choice for step in needed}
        taken = {one.folder.casefold() for one in self.lock.licenses}
        found = []
        for choice in repositories.values():
            one = self._licenses_of(choice, taken)
            if one is not None:
                taken.add(one.locked.folder.casefold())
                found.append(one)
        return found

    def locked_after(self, plan: Sequence[Step], prepared: Sequence[Prepared], licenses: Sequence[_Licenses]) -> Lock:
        """Return the lock after the plan."""
        artifacts = {artifact.path: artifact for artifact in self.lock.artifacts}
        artifacts |= {item.locked.path: item.locked for item in prepared}
        for step in plan:
            artifacts[step.choice.path] = _as_asked(artifacts[step.choice.path], step)
        registries = dict(self.lock.registries) | {
            item.choice.registry_id: item.choice.registry_url for item in prepared
        }
        by_owner = {one.owner: one for one in self.lock.licenses} | {one.locked.owner: one.locked for one in licenses}
        return require_writable(make_lock(artifacts.values(), registries.items(), by_owner.values()))

    def _installed_after(self, plan: Sequence[Step], after: Lock) -> Lock:
        """Return what lies on this disk after the plan; of the rest of the lock, an older revision may lie there."""
        locked = {artifact.path: artifact for artifact in after.artifacts}
        artifacts = self._installed_at | {step.choice.path: locked[step.choice.path] for step in plan}
        registries = dict(self.installed.registries) | dict(after.registries)
        return make_lock(artifacts.values(), registries.items(), after.licenses)

    def _pulled(self, step: Step, done: set[str], notes: Mapping[str, tuple[str, ...]]) -> Pulled:
        path = step.choice.path
        # What was kept but had to be restored counts as updated.
        action = Action.UPDATE if step.action is Action.KEEP and path in done else step.action
        return Pulled(
            choice=step.choice,
            action=action,
            folder=self.workspace.root / path,
            notes=(*step.choice.notes, *notes.get(path, ())),
        )

    def _is_needed(self, step: Step) -> bool:
        """Return whether bytes must be fetched; local changes of a version that is here already are never lost."""
        if step.action is not Action.KEEP or step.present is None:
            return True
        path = step.choice.path
        changed = _changed(self.workspace.root, step.present)
        if changed and not self.force and (self.workspace.root / path).exists() and not self._is_as_installed(path):
            raise local_changes(path, changed)
        return bool(changed) or self._lacks_licenses(step.choice)

    def _is_as_installed(self, path: str) -> bool:
        """Return whether the folder is what a command of ours left there, another revision perhaps, and no more."""
        present = self._installed_at.get(path)
        return present is not None and not artifact_differences(self.workspace.root, present)

    def _lacks_licenses(self, choice: Choice) -> bool:
        one = self.lock.licenses_of(choice.registry_id, choice.record.repository)
        return one is not None and bool(license_differences(self.workspace, one))

    def _fetch(self, needed: Sequence[Step]) -> Sequence[Path]:
        """Return the archives in order, those of one registry fetched a few at a time."""
        found: dict[int, Path] = {}
        by_registry: dict[str, list[int]] = {}
        for number, step in enumerate(needed):
            by_registry.setdefault(step.choice.registry_id, []).append(number)
        for numbers in by_registry.values():
            registry = self.registry_of[needed[numbers[0]].choice.path]
            archives = registry.archives([needed[number].choice.version for number in numbers])
            found |= dict(zip(numbers, archives, strict=True))
        return [found[number] for number in range(len(needed))]

    def _prepare(self, number: int, step: Step, archive: Path) -> Prepared:
        try:
            self.workspace.incoming.mkdir(parents=True, exist_ok=True)
            return prepare(step.choice, archive, self.workspace.incoming / str(number) / "new", self.check)
        except OSError as error:
            raise OutputError(
                f"cannot unpack {step.choice.origin} below {self.workspace.own_folder}: {error.strerror or error}; "
                "check free space and permissions"
            ) from error

    def _require_pinned_files(self, item: Prepared) -> None:
        pin = self._locked_at.get(item.locked.path)
        if pin is None or pin.files == item.locked.files:
            return
        named, found = {file.path: file for file in pin.files}, {file.path: file for file in item.locked.files}
        path = next(path for path in sorted(named | found) if named.get(path) != found.get(path))
        raise IntegrityError(
            f"{item.locked.path}: the lock names other files than the archive that it pins: "
            f"`artifacts.{item.locked.path}.files.{readable(path)}`; the lock was edited, or another version of cmsite "
            f"wrote it: `cmsite lock --update` writes it anew"
        )

    def _require_bases(self, prepared: Sequence[Prepared]) -> None:
        """Refuse a meta whose `_base` will not be in the workspace: cm would stop at it."""
        there = (*self.lock.artifacts, *(item.locked for item in prepared))
        for item in prepared:
            for base in item.bases:
                if not any(is_named(base, artifact) for artifact in there):
                    automation, _, name = base.partition("::")
                    raise IntegrityError(
                        f"{item.choice.origin} builds on {base} (`_base`), without which cm stops; "
                        f"pull that too: cmsite pull {item.choice.reference} {automation.partition(',')[0]}:{name}"
                    )

    def _licenses_of(self, choice: Choice, taken: AbstractSet[str]) -> _Licenses | None:
        """Return the licence files of one repository; with pins, those that the lock names."""
        pin = self.lock.licenses_of(choice.registry_id, choice.record.repository)
        if self.pinned and pin is None:
            return None
        blob = pin.blob if self.pinned and pin else choice.record.licenses
        files = self.registry_of[choice.path].licenses(replace(choice.record, licenses=blob))
        register = NameRegister()
        for name, _ in files:
            fault = check_member_name(name, writing=True) or register.add(name)
            if fault:
                raise IntegrityError(f"{choice.origin}: a licence file cannot be written: {fault.message}")
        if not files:
            return None
        folder = pin.folder if pin else _license_folder(choice, taken)
        locked = LockedLicenses(
            folder=folder,
            registry=choice.registry_id,
            repository=choice.record.repository,
            blob=blob,
            files=tuple(sorted((name, hashlib.sha256(content).hexdigest()) for name, content in files)),
        )
        if self.pinned and locked != pin:
            raise IntegrityError(
                f"the lock names other licence files than {choice.origin} is published with: `licenses.{folder}`; "
                "`cmsite lock --update` writes it anew"
            )
        return _Licenses(locked=locked, content={f"{folder}/{name}": content for name, content in files})

    def _refuse_to_overwrite(self, item: Prepared) -> None:
        """Raise `OutputError` where the place holds anything but what the lock says or what is to be written."""
        root, path = self.workspace.root, item.choice.path
        refuse_links(root, path)
        if self.force or not (root / path).exists():
            return
        present = self._locked_at.get(path)
        found = artifact_differences(root, present) if present else None
        if found == () or self._is_as_installed(path) or not artifact_differences(root, item.locked):
            return  # As it was pulled, or already what is to be written: a pull was killed before its lock.
        if found is None:
            raise OutputError(
                f"{root / path} is there already and not from a pull; move it away, or give it up with --force"
            )
        raise local_changes(path, [difference.path for difference in found])

    def _write_all(
        self,
        plan: Sequence[Step],
        prepared: Sequence[Prepared],
        licenses: Sequence[_Licenses],
        after: Lock,
        draw_uid: Callable[[], str],
    ) -> None:
        folder = OutputFolder(self.workspace.root)
        if not self.workspace.lock_file.exists():
            # Before the descriptors: a folder with descriptors and no lock would be taken for a foreign repository.
            folder.write_atomically(OutputFile(path=LOCK_FILE, content=emit_lock(self.lock)))
        ensure_descriptors(self.workspace, draw_uid)
        prefix = self.workspace.licenses.relative_to(self.workspace.root).as_posix()
        for one in licenses:
            for name, content in one.content.items():
                refuse_linked_folders(self.workspace.root, f"{prefix}/{name}")
                folder.write(OutputFile(path=f"{prefix}/{name}", content=content))
        for item in prepared:
            install(item, self.workspace.root)
        write_installed(self.workspace, self._installed_after(plan, after))
        if not self.pinned:
            write_lock(self.workspace, after)


@contextlib.contextmanager
def _staged(workspace: Workspace) -> Iterator[None]:
    """Remove the folder of incoming artifacts at the end; taking hold of the workspace has done so at the beginning."""
    try:
        yield
    finally:
        shutil.rmtree(workspace.incoming, ignore_errors=True)


def write_lock(workspace: Workspace, lock: Lock) -> bool:
    """Write cmsite.lock; return False where it says the same already."""
    return _write(workspace, workspace.lock_file, emit_lock(lock))


def write_installed(workspace: Workspace, lock: Lock) -> bool:
    """Remember what lies on this disk."""
    return _write(workspace, workspace.installed_file, emit_lock(lock))


def _write(workspace: Workspace, path: Path, content: bytes) -> bool:
    file = OutputFile(path=path.relative_to(workspace.root).as_posix(), content=content)
    folder = OutputFolder(workspace.root)
    if folder.holds(file):
        return False
    folder.write_atomically(file)
    return True


def local_changes(
    path: str,
    changed: Sequence[str],
    way_out: str = "pull into another folder (--into DIR), or give them up with --force",
) -> OutputError:
    """Return the error for an artifact that differs from the lock; `way_out` says what to do beside saving changes."""
    listed = ", ".join(map(readable, changed[:5])) + (f" and {len(changed) - 5} more" if len(changed) > 5 else "")  # noqa: PLR2004
    return OutputError(f"{path} was changed since it was pulled ({listed}); keep your changes elsewhere, {way_out}")


def is_named(base: str, artifact: LockedArtifact) -> bool:
    """Return whether `automation::artifact` means this artifact; where both sides have a uid, only uids count."""
    automation, _, name = map(str.strip, base.partition("::"))
    return _matches(parse_pair(automation), artifact.automation, artifact.automation_uid) and _matches(
        parse_pair(name), artifact.alias, artifact.uid
    )


def _license_folder(choice: Choice, taken: AbstractSet[str]) -> str:
    """Return the folder of a repository's licences: its name, unless another registry's of this name has it."""
    repository = choice.record.repository
    folder = repository if is_safe_folder(repository) else slug(repository)
    return f"{folder}-{choice.registry_id[:8]}" if folder.casefold() in taken else folder


def _matches(wanted: NamePair, alias: str, uid: str) -> bool:
    return wanted.uid == uid if wanted.uid and uid else wanted.alias == alias


def _changed(root: Path, present: LockedArtifact) -> list[str]:
    """Return the files of an artifact that are not as the lock says; those beside them break nothing."""
    differences = artifact_differences(root, present)
    return [difference.path for difference in differences if difference.kind is not Difference.EXTRA]


def _as_asked(artifact: LockedArtifact, step: Step) -> LockedArtifact:
    """Return the entry with what was asked for: that stays when an artifact comes along with another or by tags."""
    choice, present = step.choice, step.present
    same_origin = (artifact.registry, artifact.repository) == (choice.registry_id, choice.record.repository)
    kept = present is not None and present.asked and (not choice.asked or (not choice.written and not _is_left(step)))
    if present is not None and kept:
        return replace(artifact, asked=True, reference=present.reference)
    if choice.asked and same_origin:
        return replace(artifact, asked=True, reference=choice.reference)
    return artifact


def _is_left(step: Step) -> bool:
    """Return whether the plan leaves a revision that a person had pinned: the reference would lead back to it."""
    pinned = step.present is not None and "@" in step.present.reference
    return pinned and step.action is Action.UPDATE
