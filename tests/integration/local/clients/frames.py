"""Writes and reads with gcsfs and pandas as people do; prints "done"."""
# pyright: reportMissingImports=false

import os

import gcsfs
import pandas

OPTIONS = {"token": "anon", "project": "plantain-test"}

files = gcsfs.GCSFileSystem(**OPTIONS)
files.mkdir("frames")
with files.open("frames/small.txt", "wb") as file:
    file.write(b"data\r")
assert files.cat("frames/small.txt") == b"data\r"
large = os.urandom(12_000_000)
files.pipe("frames/large.bin", large)
with files.open("frames/chunks.bin", "wb", block_size=1024 * 1024) as file:
    file.write(large)
assert files.cat("frames/large.bin") == files.cat("frames/chunks.bin") == large
frame = pandas.DataFrame({"a": [1, 2], "b": ["x", "y"]})
frame.to_csv("gs://frames/table.csv", index=False, storage_options=OPTIONS)
assert pandas.read_csv("gs://frames/table.csv", storage_options=OPTIONS).equals(frame)
files.invalidate_cache()
assert sorted(files.ls("frames")) == [
    f"frames/{each}" for each in ("chunks.bin", "large.bin", "small.txt", "table.csv")
]
files.mv("frames/small.txt", "frames/folder/small.txt")
assert files.find("frames/folder") == ["frames/folder/small.txt"]
files.rm("frames", recursive=True)
assert not files.exists("frames/table.csv")
print("done")
