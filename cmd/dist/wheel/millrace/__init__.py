"""What millrace makes, in Python: load reads a corpus, run runs the program that this wheel has.

    import millrace
    millrace.run(["run", "news", "--out", "corpus"])
    table = millrace.load("corpus")
"""

import json
import os
import shutil
import subprocess
import sysconfig

__all__ = ["binary", "load", "run"]
__version__ = "0"


def binary():
    """The path of the program: that of this wheel, or else one on PATH. FileNotFoundError if there is none."""
    name = "millrace" + (sysconfig.get_config_var("EXE") or "")
    folders = [sysconfig.get_path("scripts")]
    user = f"{os.name}_user"
    if user in sysconfig.get_scheme_names():
        folders.append(sysconfig.get_path("scripts", user))
    folders.append(os.path.join(os.path.dirname(os.path.dirname(__file__)), "bin"))  # pip install --target
    for folder in folders:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path
    found = shutil.which(name)
    if found is None:
        raise FileNotFoundError("millrace: the program of this wheel is not there, and none is on PATH")
    return found


def run(args, check=True, **options):
    """Runs the program with a list of arguments, and returns the CompletedProcess of subprocess.

    What it prints goes where subprocess.run says by options, such as capture_output=True. With check an exit code other than 0, done, and 4, committed
    but something was rejected, is a subprocess.CalledProcessError.
    """
    done = subprocess.run([binary(), *(os.fspath(a) for a in args)], **options)
    if check and done.returncode not in (0, 4):
        raise subprocess.CalledProcessError(done.returncode, done.args, done.stdout, done.stderr)
    return done


def load(out, version=None, columns=None, as_="arrow"):
    """The documents of a corpus, in its order.

    out is its folder, or an address such as s3://bucket/prefix. version is one of those that are there, without one the newest. columns are the names of
    those that are read, without them all. as_ is arrow (a pyarrow.Table), pandas (a DataFrame) or datasets (a Dataset, of files of this machine alone).

    It goes by the manifests, so it reads one version whole, also while the corpus changes; digests are not checked: millrace verify does that. A corpus
    without Parquet is a ValueError. What gc has freed is a FileNotFoundError.
    """
    if as_ not in ("arrow", "pandas", "datasets"):
        raise ValueError(f"as_ is {as_!r}: known are arrow, pandas and datasets")
    try:
        import pyarrow
        import pyarrow.dataset
        import pyarrow.fs
        import pyarrow.parquet
    except ImportError as error:
        raise ImportError("millrace.load needs pyarrow: pip install 'millrace[arrow]'") from error
    if "://" in os.fspath(out):
        files, root = pyarrow.fs.FileSystem.from_uri(out)
    else:
        files, root = pyarrow.fs.LocalFileSystem(), os.path.abspath(out)
    paths = [f"{root}/{path}" for path in _shards(files, root, version)]
    there = files.get_file_info(paths)
    places = []
    for path, info in zip(paths, there):
        if info.type != pyarrow.fs.FileType.File:  # it is no part of the newest version any more
            path = f"{root}/retired/{path[len(root) + 1:]}"
            if files.get_file_info(path).type != pyarrow.fs.FileType.File:
                raise FileNotFoundError(f"{path} is not there: millrace gc has freed it, or it is damaged")
        places.append(path)
    schema = _DOCUMENTS(pyarrow)
    if places:  # shards of older formats have fewer columns, and smaller integers
        schemas = {pyarrow.parquet.read_schema(path, filesystem=files).remove_metadata() for path in _one_a_folder(places)}
        schema = pyarrow.unify_schemas(list(schemas), promote_options="permissive")
        schema = pyarrow.schema([f for f in _DOCUMENTS(pyarrow) if f.name in schema.names])
    if as_ == "datasets":
        import datasets

        if not isinstance(files, pyarrow.fs.LocalFileSystem):
            raise ValueError("datasets reads files of this machine: take as_=\"arrow\", or the card of the corpus")
        features = datasets.Features.from_arrow_schema(schema)
        if not places:
            return datasets.Dataset.from_dict({name: [] for name in schema.names}, features=features).select_columns(columns or schema.names)
        loaded = datasets.load_dataset("parquet", data_files=places, features=features, split="train")
        return loaded if columns is None else loaded.select_columns(columns)
    dataset = pyarrow.dataset.dataset(places, schema=schema, filesystem=files, format="parquet")
    table = dataset.to_table(columns=columns)
    return table.to_pandas() if as_ == "pandas" else table


def _shards(files, root, version):
    """The Parquet files of a version: the rule of docs/formats/corpus.md."""
    from pyarrow import fs

    manifests = {}
    for info in files.get_file_info(fs.FileSelector(f"{root}/manifests", allow_not_found=True)):
        if info.extension == "json":
            with files.open_input_stream(info.path) as stream:
                manifest = json.loads(stream.read())
            manifests[manifest["version"]] = manifest
    if not manifests:
        raise FileNotFoundError(f"{root} is no corpus: it has no manifest")
    if version is not None and version not in manifests:
        raise FileNotFoundError(f"{root} has no version {version}: there are {', '.join(map(str, sorted(manifests)))}")
    live = [manifests[v] for v in manifests[version or max(manifests)]["live"]]
    removed = {path for m in live for path in m.get("removes", [])}

    def compacted(manifest):  # before format 4
        runs = set(manifest.get("compacts", [manifest["version"]]))
        return any(m["format"] < 4 and m["version"] > manifest["version"] and runs & set(m.get("compacts", [])) for m in live)

    shards = [
        f["path"]
        for m in live
        if not compacted(m)
        for f in m["files"]
        if f["path"].startswith("data/") and f["path"].endswith(".parquet") and f["path"] not in removed
    ]
    if not shards and any(m["totals"]["documents"]["kept"] for m in live) and not removed:
        raise ValueError(f"{root} has no documents in Parquet")
    return shards


def _one_a_folder(paths):
    return {os.path.dirname(path): path for path in paths}.values()


def _DOCUMENTS(pyarrow):
    """The columns of documents."""
    names = ["id", "text", "source", "path", "offset", "chars", "bytes", "metadata", "version", "copies"]
    types = {"offset": "int64", "chars": "int64", "bytes": "int64", "version": "int32", "copies": "int32"}
    return pyarrow.schema([(name, types.get(name, "string")) for name in names])
