"""Which process runs which tests: a file at a time, and files that share what is costly in one process."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

SHARED = {
    "the command line's stack": (
        "tests/e2e/test_cli.py",
        "tests/e2e/test_cli_batch.py",
        "tests/e2e/test_cli_newcomer.py",
        "tests/e2e/test_cli_stack.py",
    ),
    "the stack of other people's clients": (
        "tests/e2e/test_genai_batches.py",
        "tests/e2e/test_genai_for_node.py",
        "tests/e2e/test_genai_package.py",
        "tests/e2e/test_genai_vertex_batches.py",
        "tests/e2e/test_langchain_google.py",
        "tests/e2e/test_openai_batches.py",
        "tests/e2e/test_openai_for_node.py",
        "tests/e2e/test_openai_gateways.py",
        "tests/e2e/test_openai_package.py",
        "tests/e2e/test_sdwebui.py",
        "tests/e2e/test_testing_guide.py",
    ),
    "the laptop": (
        "tests/e2e/event_path/test_batches.py",
        "tests/e2e/event_path/test_credentials.py",
        "tests/e2e/event_path/test_event_path.py",
        "tests/e2e/event_path/test_operations.py",
        "tests/e2e/event_path/test_priority.py",
        "tests/e2e/event_path/test_trust.py",
        "tests/e2e/event_path/test_webhooks.py",
    ),
    "a studio's stack": (
        "tests/browser/test_accessibility.py",
        "tests/browser/test_docs.py",
        "tests/browser/test_first_load.py",
        "tests/browser/test_gallery.py",
        "tests/browser/test_operating.py",
        "tests/browser/test_signing_in.py",
        "tests/browser/test_trust.py",
    ),
    "another studio's stack": (
        "tests/browser/test_changing.py",
        "tests/browser/test_making.py",
    ),
    "the exported model": (
        "tests/unit/training/onnx_export/test_export.py",
        "tests/unit/worker/engines/onnx/test_engine.py",
        "tests/unit/worker/engines/onnx/test_enlarge.py",
        "tests/unit/worker/engines/onnx/test_prompt.py",
        "tests/unit/worker/offline/test_exported_model.py",
    ),
}
FIRST = (
    "tests/integration/functions/api/test_schemathesis.py",
    "the exported model",
    "the stack of other people's clients",
    "a studio's stack",
    "the command line's stack",
    "tests/e2e/event_path/test_killed.py",
    "the laptop",
    "tests/e2e/event_path/test_remote_lane.py",
    "another studio's stack",
    "tests/e2e/test_cli_up.py",
    "tests/unit/training/starter/test_train.py",
)
"""What takes minutes begins first, so that no process is left alone with it at the end: the longest first."""
_STACK_OF = {file: stack for stack, files in SHARED.items() for file in files}


class ByStack(LoadScopeScheduling):
    """xdist's scheduling by file; a session's stack is started in one process, not in each.

    What is in FIRST is begun first, all else in the order of collection.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return _STACK_OF.get(file, file)

    def _assign_work_unit(self, node: WorkerController) -> None:
        """Gives the process the next of FIRST, or of the files where all of these are given out."""
        scope = next((scope for scope in FIRST if scope in self.workqueue), None)
        if scope is not None:
            self.workqueue.move_to_end(scope, last=False)
        super()._assign_work_unit(node)
