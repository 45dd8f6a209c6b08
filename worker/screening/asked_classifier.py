"""A remote classifier that is asked once before anything is drawn for it."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from functions.contract.errors import ScreeningUnavailable
from functions.contract.telemetry.log import log
from functions.policy.external_classifiers.protocol import Classifier, ClassifierOutput, Content
from worker.screening.picture_preview import encode_for_classifier

_FRESH_SECONDS = 300.0  # how long an answer counts as proof that the classifier takes our calls
_SIDE = 64  # pixels of the picture that it is asked about: grey, so that there is nothing to find


class AskedClassifier:
    """Asks ``classifier`` about a grey picture at the start, and before a job if its last answer is old.

    So a retired model, a missing role or a wrong location is known before a GPU has drawn. ``clock`` returns
    seconds.
    """

    def __init__(self, classifier: Classifier, clock: Callable[[], float] = time.monotonic) -> None:
        self._classifier = classifier
        self._clock = clock
        self._answered: float | None = None
        self.name = classifier.name

    def warm_up(self) -> None:
        """Asks once. Raises ScreeningRefused. Only logs a classifier that is unavailable for a moment."""
        self._classifier.warm_up()
        try:
            self.check_answers()
        except ScreeningUnavailable as error:
            log("classifier.unavailable", "WARNING", by=self.name, code=error.code)

    def check_answers(self) -> None:
        """Asks if the last answer is older than five minutes.

        Raises ScreeningRefused or ScreeningUnavailable.
        """
        if self._answered is None or self._clock() - self._answered > _FRESH_SECONDS:
            self.classify(encode_for_classifier(np.full((_SIDE, _SIDE, 3), 0.5, np.float32)))

    def classify(self, content: Content) -> ClassifierOutput:
        """Returns the classifier's output. Raises ScreeningRefused and ScreeningUnavailable.

        After an error the next check asks again.
        """
        self._answered = None
        finding = self._classifier.classify(content)
        self._answered = self._clock()
        return finding
