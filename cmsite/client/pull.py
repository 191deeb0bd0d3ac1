"""Pulling: resolve everything, plan, fetch and check everything, then put it in place and write the lock.

Nothing appears in the workspace before all of it is checked. A second pull of the same changes nothing; a pull that was
killed is completed by the next. Source: CONTRACT §8, facts/index.md §4 (cases 36 to 38).
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cmsite.client.fetching import shown
from cmsite.client.installing import MetaCheck, Prepared, install, prepare, refuse_links
from cmsite.client.lock import Lock, LockedArtifact, emit_lock
from cmsite.client.planning import Action, Choice, Step, chosen, make_plan
from cmsite.client.remote import RemoteRegistry, resolve_in
from cmsite.client.verify import Difference, artifact_differences, read_lock
from cmsite.client.workspace import LOCK_FILE, Workspace, ensure_descriptors, locked, require_own_folder
from cmsite.errors import IntegrityError, OutputError
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


def pull(
    references: Sequence[str],
    *,
    registries: Sequence[RemoteRegistry],
    into: Path,
    check: MetaCheck,
    draw_uid: Callable[[], str],
    force: bool = False,
) -> tuple[Pulled, ...]:
    """Bring artifacts into the folder `into`; `force` gives up local changes there.

    Raises `NotFoundError`, `AmbiguousError`, `NetworkError`, `IntegrityError` as the registries do, `OutputError`
    where the folder cannot take them; then it is as before.
    """
    workspace = Workspace(root=into)
    require_own_folder(workspace)
    sources = [_resolve(reference, registries, into) for reference in references]
    with locked(workspace):
        lock = read_lock(workspace)
        plan = make_plan(tuple(choice for choice, _ in sources), lock)
        registry_of = {choice.path: registry for choice, registry in reversed(sources)}
        return _Pull(workspace, lock, registry_of, check, force=force).run(plan, draw_uid)


def _resolve(reference: str, registries: Sequence[RemoteRegistry], into: Path) -> tuple[Choice, RemoteRegistry]:
    registry, resolved = resolve_in(registries, reference)
    return chosen(reference, registry.root.registry_id, _lasting_address(registry.url, into), resolved), registry


def _lasting_address(url: str, into: Path) -> str:
    """Return what the lock says of a registry: no credentials, and a folder relative to the workspace."""
    parts = urlsplit(url)
    if parts.scheme != "file":
        return shown(url)
    return Path(os.path.relpath(unquote(parts.path), into.resolve())).as_posix()


class _Pull:
    """One pull into a held workspace."""

    def __init__(
        self, workspace: Workspace, lock: Lock, registry_of: dict[str, RemoteRegistry], check: MetaCheck, *, force: bool
    ) -> None:
        self.workspace = workspace
        self.lock = lock
        self.registry_of = registry_of
        self.check = check
        self.force = force

    def run(self, plan: tuple[Step, ...], draw_uid: Callable[[], str]) -> tuple[Pulled, ...]:
        """Carry out the plan."""
        needed = [step for step in plan if self._is_needed(step)]
        shutil.rmtree(self.workspace.incoming, ignore_errors=True)  # Of a pull that was killed.
        try:
            prepared = [self._prepare(number, step) for number, step in enumerate(needed)]
            self._require_bases(prepared)
            licenses = self._licenses(needed)
            for item in prepared:
                self._refuse_to_overwrite(item)
            self._write_all(prepared, licenses, draw_uid)
        finally:
            shutil.rmtree(self.workspace.incoming, ignore_errors=True)
        notes = {item.choice.path: item.notes for item in prepared}
        done = {step.choice.path for step in needed}
        return tuple(self._pulled(step, done, notes) for step in plan)

    def _pulled(self, step: Step, done: set[str], notes: dict[str, tuple[str, ...]]) -> Pulled:
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
        differences = artifact_differences(self.workspace.root, step.present)
        changed = [difference for difference in differences if difference.kind is not Difference.EXTRA]
        if changed and not self.force and (self.workspace.root / step.choice.path).exists():
            raise _local_changes(step.choice, [difference.path for difference in changed])
        return bool(changed) or self._lacks_licenses(step.choice)

    def _lacks_licenses(self, choice: Choice) -> bool:
        prefix = f"{_license_folder(choice)}/"
        paths = (path for path, _ in self.lock.licenses if path.startswith(prefix))
        return not all((self.workspace.licenses / path).is_file() for path in paths)

    def _prepare(self, number: int, step: Step) -> Prepared:
        archive = self.registry_of[step.choice.path].archive(step.choice.version)
        try:
            self.workspace.incoming.mkdir(exist_ok=True)
            return prepare(step.choice, archive, self.workspace.incoming / str(number), self.check)
        except OSError as error:
            raise OutputError(
                f"cannot unpack {step.choice.origin} below {self.workspace.own_folder}: {error.strerror or error}; "
                "check free space and permissions"
            ) from error

    def _require_bases(self, prepared: list[Prepared]) -> None:
        """Refuse a meta whose `_base` will not be in the workspace: cm would stop at it."""
        there = (*self.lock.artifacts, *(item.locked for item in prepared))
        for item in prepared:
            for base in item.bases:
                if not any(_is_named(base, artifact) for artifact in there):
                    automation, _, name = base.partition("::")
                    raise IntegrityError(
                        f"{item.choice.origin} builds on {base} (`_base`), without which cm stops; "
                        f"pull that too: cmsite pull {item.choice.reference} {automation.partition(',')[0]}:{name}"
                    )

    def _licenses(self, needed: list[Step]) -> dict[str, bytes]:
        """Return the licence files of every repository that something is pulled from, by path below the licences."""
        files: dict[str, bytes] = {}
        repositories = {(step.choice.registry_id, step.choice.record.repository): step.choice for step in needed}
        for choice in repositories.values():
            folder = _license_folder(choice)
            register = NameRegister()
            for name, content in self.registry_of[choice.path].licenses(choice.record):
                fault = check_member_name(name, writing=True) or register.add(name)
                if fault:
                    raise IntegrityError(f"{choice.origin}: a licence file cannot be written: {fault.message}")
                files[f"{folder}/{name}"] = content
        return files

    def _refuse_to_overwrite(self, item: Prepared) -> None:
        """Raise `OutputError` where the place holds anything but what the lock says or what is to be written."""
        root, path = self.workspace.root, item.choice.path
        refuse_links(root, path)
        if self.force or not (root / path).exists():
            return
        present = self.lock.at(path)
        found = artifact_differences(root, present) if present else None
        if found == () or not artifact_differences(root, item.locked):
            return  # As it was pulled, or already what is to be written: a pull was killed before its lock.
        if found is None:
            raise OutputError(
                f"{root / path} is there already and not from a pull; move it away, or give it up with --force"
            )
        raise _local_changes(item.choice, [difference.path for difference in found])

    def _write_all(self, prepared: list[Prepared], licenses: dict[str, bytes], draw_uid: Callable[[], str]) -> None:
        folder = OutputFolder(self.workspace.root)
        if not self.workspace.lock_file.exists():
            # Before the descriptors: a folder with descriptors and no lock would be taken for a foreign repository.
            folder.write_atomically(OutputFile(path=LOCK_FILE, content=emit_lock(self.lock)))
        ensure_descriptors(self.workspace, draw_uid)
        prefix = self.workspace.licenses.relative_to(self.workspace.root).as_posix()
        for name, content in licenses.items():
            folder.write(OutputFile(path=f"{prefix}/{name}", content=content))
        for item in prepared:
            install(item, self.workspace.root)
        content = emit_lock(_with(self.lock, prepared, licenses))
        if content != self.workspace.lock_file.read_bytes():
            folder.write_atomically(OutputFile(path=LOCK_FILE, content=content))


def _with(lock: Lock, prepared: list[Prepared], licenses: dict[str, bytes]) -> Lock:
    """Return the lock after the pull."""
    artifacts = {artifact.path: artifact for artifact in lock.artifacts}
    artifacts |= {item.locked.path: item.locked for item in prepared}
    used = {artifact.registry for artifact in artifacts.values()}
    registries = dict(lock.registries) | {item.choice.registry_id: item.choice.registry_url for item in prepared}
    digests = dict(lock.licenses) | {name: hashlib.sha256(content).hexdigest() for name, content in licenses.items()}
    return replace(
        lock,
        registries=tuple(sorted((name, url) for name, url in registries.items() if name in used)),
        artifacts=tuple(artifacts[path] for path in sorted(artifacts)),
        licenses=tuple(sorted(digests.items())),
    )


def _is_named(base: str, artifact: LockedArtifact) -> bool:
    """Return whether `automation::artifact` means this artifact; where both sides have a uid, only uids count."""
    automation, _, name = map(str.strip, base.partition("::"))
    return _matches(parse_pair(automation), artifact.automation, artifact.automation_uid) and _matches(
        parse_pair(name), artifact.alias, artifact.uid
    )


def _matches(wanted: NamePair, alias: str, uid: str) -> bool:
    return wanted.uid == uid if wanted.uid and uid else wanted.alias == alias


def _license_folder(choice: Choice) -> str:
    repository = choice.record.repository
    return repository if is_safe_folder(repository) else slug(repository)


def _local_changes(choice: Choice, paths: list[str]) -> OutputError:
    listed = ", ".join(map(readable, paths[:5])) + (f" and {len(paths) - 5} more" if len(paths) > 5 else "")  # noqa: PLR2004
    return OutputError(
        f"{choice.path} was changed since it was pulled ({listed}); keep your changes elsewhere, "
        "pull into another folder (--into DIR), or give them up with --force"
    )
