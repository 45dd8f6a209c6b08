"""Runs gcloud's commands as it does itself, in processes that are forked when its imports are done.

gcloud's start script runs this file with its own ``gcloud.py`` as the first argument, and with a group of
commands as the second. A command is a JSON list on a line of stdin. The answer is a line as well: the status,
and what was written to stdout and to stderr.
"""
# pyright: basic, reportMissingImports=false

from __future__ import annotations

import json
import os
import sys
import tempfile
from contextlib import suppress
from importlib import import_module
from pathlib import Path

# What commands import late. Where a version of gcloud has it elsewhere, each command imports it for itself.
ALWAYS = ("googlecloudsdk.core.updater.update_manager", "googlecloudsdk.api_lib.container.api_adapter")
LATE = {
    "storage": (
        "googlecloudsdk.api_lib.storage.api_factory",
        "googlecloudsdk.command_lib.storage.cp_command_util",
        "googlecloudsdk.command_lib.storage.ls_command_util",
    ),
    "pubsub": ("googlecloudsdk.api_lib.pubsub.subscriptions", "googlecloudsdk.command_lib.pubsub.util"),
}


def load_gcloud(path, group):
    """Returns gcloud's main module, after all imports of ``gcloud.py``."""
    sys.path.insert(0, str(Path(path).parent))
    script = import_module("gcloud")
    sys.path = script.reorder_sys_path(sys.path)
    script._fix_google_module()
    for module in (*ALWAYS, *LATE[group]):
        with suppress(ImportError):
            import_module(module)
    return script._import_gcloud_main()


def run_command(gcloud, arguments):
    """Ends the process as gcloud does."""
    sys.argv = ["gcloud", *arguments]
    sys.exit(gcloud.main())


gcloud = load_gcloud(*sys.argv[1:])
for line in sys.stdin:
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        child = os.fork()
        if child == 0:
            os.dup2(output.fileno(), 1)
            os.dup2(errors.fileno(), 2)
            run_command(gcloud, json.loads(line))
        _, status = os.waitpid(child, 0)
        for file in (output, errors):
            file.seek(0)
        told = [os.waitstatus_to_exitcode(status), output.read().decode(), errors.read().decode()]
    print(json.dumps(told), flush=True)
