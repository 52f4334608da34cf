"""What make dist made for this machine is installed, and does its work.

The digests are right. The wheel goes into a clean environment of its own, whose millrace makes a corpus of the sample, which load reads in three
ways, at versions, while a compaction moves its files, and of older formats. The archive and the Debian package have a program that says the version.
If there is a folder that is laid out as a proxy, go install takes the module from it, with the modules that are in the cache already.

    python installed.py DIST [GOPROXY]
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile

ROOT = pathlib.Path(__file__).parents[3]

LOADS = '''
import os, pathlib, shutil, sys
import millrace
root, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
assert millrace.binary().startswith(sys.prefix), millrace.binary()
out = folder / "corpus"
millrace.run(["run", root / "testdata/sample", "--out", out], capture_output=True)
table = millrace.load(out)
assert table.num_rows == 40, table.num_rows
assert table.column_names == ["id", "text", "source", "path", "offset", "chars", "bytes", "metadata", "version", "copies"], table.column_names
assert len(set(table["id"].to_pylist())) == 40
assert all(len(t) == n for t, n in zip(table["text"].to_pylist(), table["chars"].to_pylist()))
assert millrace.load(out, columns=["id"]).column_names == ["id"]
ids = millrace.load(out, columns=["id"], as_="pandas")["id"].tolist()
assert ids == table["id"].to_pylist()
try:
    import datasets
except ImportError:
    datasets = None
if datasets:
    datasets.config.HF_DATASETS_CACHE = str(folder / "cache")
    assert millrace.load(out, columns=["id"], as_="datasets")["id"][:] == ids
done = millrace.run(["run", root / "testdata/damaged", "--out", out], capture_output=True)
assert done.returncode == 4, done
assert millrace.load(out).num_rows > 40 and millrace.load(out, 1).num_rows == 40
millrace.run(["compact", out], capture_output=True)
millrace.run(["drop", out, "3"], capture_output=True)
assert sorted(millrace.load(out, 1)["id"].to_pylist()) == sorted(ids)
millrace.run(["remove", out, "--where", "chars % 2 == 0", "--reason", "x"], capture_output=True)
assert all(n % 2 for n in millrace.load(out, columns=["chars"])["chars"].to_pylist())
shutil.copytree(root / "testdata/corpora/formats-1-2-3", folder / "old")
old = millrace.load(folder / "old", columns=["id", "chars"])
assert old.num_rows and str(old.schema.field("chars").type) == "int64"
for wrong, kind in [(lambda: millrace.load(out, 99), FileNotFoundError), (lambda: millrace.load(folder), FileNotFoundError), (lambda: millrace.load(out, as_="x"), ValueError)]:
    try:
        wrong()
    except kind:
        continue
    raise AssertionError(wrong)
try:
    millrace.run(["nothing"], capture_output=True)
except millrace.subprocess.CalledProcessError as error:
    assert error.returncode == 2
else:
    raise AssertionError("nothing is a command")
print(table.num_rows, "documents loaded")
'''


def run(*args, **options):
    return subprocess.run([os.fspath(a) for a in args], check=True, capture_output=True, text=True, **options).stdout


def main():
    dist = pathlib.Path(sys.argv[1]).resolve()
    files = {}
    for line in (dist / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((dist / name).read_bytes()).hexdigest() == digest, name
        files[name.split(".")[-1]] = dist / name
    assert {p.name for p in dist.iterdir()} == {p.name for p in files.values()} | {"SHA256SUMS"}, list(dist.iterdir())
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        run(sys.executable, "-m", "venv", folder / "venv")
        python = folder / "venv/bin/python"
        run(python, "-m", "pip", "install", "--quiet", "--no-index", "--disable-pip-version-check", files["whl"])
        site = run(sys.executable, "-c", "import pyarrow; print(pyarrow.__path__[0])").strip()  # that of this environment, not of the network
        print(run(python, "-c", LOADS, ROOT, folder, env={**os.environ, "PYTHONPATH": os.path.dirname(site)}).strip())
        version = run(folder / "venv/bin/millrace", "version").splitlines()[0]

        with tarfile.open(files["gz"]) as archive:
            archive.extractall(folder / "archive", filter="data")
        (top,) = (folder / "archive").iterdir()
        assert run(top / "millrace", "version").splitlines()[0] == version
        assert top.name.startswith(version.replace(" ", "-")), (top.name, version)
        assert {"LICENSE", "NOTICE", "README.md", "configs", "man", "completions"} <= {p.name for p in top.iterdir()}

        if "deb" in files and shutil.which("dpkg-deb"):
            info = run("dpkg-deb", "--info", files["deb"])
            assert "Package: millrace" in info, info
            run("dpkg-deb", "--extract", files["deb"], folder / "root")
            assert run(folder / "root/usr/bin/millrace", "version").splitlines()[0] == version
            if os.geteuid() == 0:
                (folder / "admin/var/lib/dpkg/updates").mkdir(parents=True)
                (folder / "admin/var/lib/dpkg/info").mkdir()
                (folder / "admin/var/lib/dpkg/status").touch()
                run("dpkg", f"--root={folder}/admin", "--force-script-chrootless", "--install", files["deb"], env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"})
                assert (folder / "admin/usr/bin/millrace").is_file()
                print("the Debian package is installed")
        else:
            print("skip: no dpkg-deb, or no package")

        print(f"{version}, of the wheel, the archive and the package")
        if len(sys.argv) == 2:
            return
        proxy = pathlib.Path(sys.argv[2]).resolve()
        go = os.environ.get("GO", "go")
        cache = run(go, "env", "GOMODCACHE").strip()
        # Compiled as dist does, so all but the module itself comes from the cache of what was built: the folder of a package has no part in it then.
        environ = {
            **os.environ, "GOPROXY": f"file://{proxy},file://{cache}/cache/download", "GOSUMDB": "off", "GOFLAGS": "-mod=mod -modcacherw -trimpath", "GOBIN": f"{folder}/bin",
            "GOMODCACHE": f"{folder}/modules", "CGO_ENABLED": "0", "GOAMD64": "v1", "GOARM64": "v8.0", "GOEXPERIMENT": "simd",
        }
        run(go, "install", "github.com/millrace/millrace/cmd/millrace@v0.0.1", env=environ, cwd=folder)
        installed = run(folder / "bin/millrace", "version").splitlines()[0]
        assert installed.startswith("millrace v0.0.1"), installed
        print(f"{installed}, by go install")


main()
