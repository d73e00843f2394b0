"""Fetch public vocabularies from npm (`@vocabulary/*`) and write one pack file each beside this script.

Needs npm and hivemind. Versions are pinned, so the same files come out on every machine; only facts are kept:
terms, value types, versions, source and licence. Run by `nox -s vocabularies`.
"""

import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import msgspec
from rdflib import Dataset, Graph, URIRef

from hivemind.queen import Pack, read_pack

FOLDER = Path(__file__).parent
VERSIONS = {
    "dcat": "1.0.5",
    "dcterms": "1.0.6",
    "doap": "1.0.6",
    "foaf": "1.0.6",
    "gr": "1.0.6",
    "org": "1.0.6",
    "prov": "1.0.6",
    "schema": "1.1.0",
    "sioc": "1.0.6",
    "skos": "1.0.6",
    "time": "1.0.6",
    "vcard": "1.1.0",
}
LICENCES = (
    "http://purl.org/dc/terms/license",
    "http://creativecommons.org/ns#license",
    "http://www.w3.org/1999/xhtml/vocab#license",
)


def fetch(name: str, version: str, folder: Path) -> Pack:
    """Return the pack made from one npm package; raises RuntimeError where npm fails."""
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError("npm is not installed; it brings the vocabularies")
    package = f"@vocabulary/{name}@{version}"
    command = [npm, "pack", "--silent", "--pack-destination", str(folder), package]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603 -- an argument list, the name from the table above
    if done.returncode:
        raise RuntimeError(f"npm pack {package} failed: {done.stderr.strip()[-400:]}")
    with tarfile.open(folder / f"vocabulary-{name}-{version}.tgz") as archive:
        manifest = json.loads(_member(archive, "package/package.json"))
        quads = folder / f"{name}.nq"
        quads.write_bytes(_member(archive, f"package/{name}.nq"))
    namespace = str(manifest["vocabulary"]["namespace"])
    pack = read_pack(quads, version=version, namespace=namespace, source=f"npm @vocabulary/{name} {version}")
    stated = _licences(quads, namespace)
    licence = "; ".join([*stated, f"npm package: {manifest['license']}"])
    return msgspec.structs.replace(pack, license=licence)


def _member(archive: tarfile.TarFile, path: str) -> bytes:
    stream = archive.extractfile(path)
    if stream is None:
        raise RuntimeError(f"{archive.name!s} holds no file {path}")
    return stream.read()


def _licences(quads: Path, namespace: str) -> list[str]:
    """Return the licences that the vocabulary states about itself."""
    graph: Graph = Dataset(default_union=True).parse(quads, format="nquads")
    itself = {namespace, namespace.rstrip("#/")}
    return sorted(
        {
            str(licence)
            for predicate in LICENCES
            for subject, licence in graph.subject_objects(URIRef(predicate))
            if str(subject) in itself
        }
    )


def render(pack: Pack) -> str:
    """Return a pack file's text: sorted, one property a line."""
    facts = {
        "name": pack.name,
        "version": pack.version,
        "namespace": pack.namespace,
        "source": pack.source,
        "license": pack.license,
        "classes": sorted(pack.classes),
    }
    lines = [f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in facts.items()]
    properties = [
        f"  {json.dumps(name, ensure_ascii=False)}: {json.dumps(types, ensure_ascii=False)}"
        for name, types in sorted(pack.properties.items())
    ]
    return "{\n" + ",\n".join(lines) + ',\n "properties": {\n' + ",\n".join(properties) + "\n }\n}\n"


def main() -> None:
    """Fetch each vocabulary and write its pack file."""
    with tempfile.TemporaryDirectory() as folder:
        for name, version in VERSIONS.items():
            pack = fetch(name, version, Path(folder))
            (FOLDER / f"{name}.json").write_text(render(pack), encoding="utf-8")
            sys.stdout.write(f"{name} {version}: {len(pack.classes)} classes, {len(pack.properties)} properties\n")


if __name__ == "__main__":
    main()
