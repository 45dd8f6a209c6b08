"""The errors that calls of one kind have in common."""

from __future__ import annotations

from ...contract.errors import (
    AttemptsExhausted,
    Blocked,
    BodiesBusy,
    Canceled,
    ClientGone,
    CredentialsFailed,
    DamagedDocument,
    DeadlineExceeded,
    Deleted,
    ExpiredResult,
    IdempotencyConflict,
    ImageTooLarge,
    InvalidRequest,
    LimitReached,
    MissingScope,
    ModelUnavailable,
    NotConfigured,
    NotFound,
    NotReadyInTime,
    NotScreened,
    OutOfMemory,
    PlantainError,
    RegionNotFound,
    RequestTimeout,
    RequestTooLarge,
    ScreeningRefused,
    StorageRefused,
    Superseded,
    TooManyWaiting,
    Transient,
    Unauthenticated,
    UnknownModel,
    UnsupportedMediaType,
    UnsupportedVersion,
    WatermarkFailed,
)

Errors = tuple[type[PlantainError], ...]

OF_EVERY_CALL: Errors = (
    *(Unauthenticated, MissingScope, NotConfigured),
    *(PlantainError, StorageRefused, Transient),
)
OF_A_BODY: Errors = (InvalidRequest, RequestTimeout, RequestTooLarge, UnsupportedMediaType, BodiesBusy)
OF_SENT_BYTES: Errors = (*OF_A_BODY, LimitReached)
"""Of a call whose bytes, or those of the file that it names, count to the owner's bytes a day."""
OF_A_QUERY: Errors = (InvalidRequest,)
OF_A_NAME: Errors = (NotFound, Deleted, DamagedDocument, UnsupportedVersion)
"""Of a call that names a job or a batch."""

OF_A_NEW_JOB: Errors = (
    *OF_SENT_BYTES,
    *(UnknownModel, ImageTooLarge, IdempotencyConflict, Deleted, Blocked, ScreeningRefused, NotScreened),
)
OF_A_DRAWING: Errors = (
    *OF_A_NEW_JOB,
    *(AttemptsExhausted, Canceled, ClientGone, CredentialsFailed, DeadlineExceeded, ExpiredResult),
    *(ModelUnavailable, NotReadyInTime, OutOfMemory, RegionNotFound, Superseded, TooManyWaiting),
    *(DamagedDocument, UnsupportedVersion, WatermarkFailed),
)
"""Of a call that waits for a job: what ends the job ends the call."""
