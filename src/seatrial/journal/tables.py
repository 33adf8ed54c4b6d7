"""All tables of the journal. A new version of them may only add, so that an older journal opens as it is.

What came later has the higher rowid: times are to be shown, and a clock may step back.
"""

from __future__ import annotations

VERSION = 5

_EVENT = """
CREATE TABLE IF NOT EXISTS event (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL
)"""

# What a run was asked to do and what became of it. `owner_*` names the process that drives it.
_RUN = """
CREATE TABLE IF NOT EXISTS run (
    id TEXT PRIMARY KEY,
    project TEXT NOT NULL,
    number INTEGER NOT NULL,
    pipeline TEXT NOT NULL,
    commit_id TEXT NOT NULL,
    branch TEXT NOT NULL,
    tree TEXT NOT NULL,
    dirty INTEGER NOT NULL,
    status TEXT NOT NULL,
    started REAL NOT NULL,
    finished REAL,
    owner_pid INTEGER NOT NULL,
    owner_start INTEGER NOT NULL,
    owner_boot TEXT NOT NULL,
    body TEXT NOT NULL DEFAULT '{}',
    UNIQUE (project, number)
)"""

_STAGE_RUN = """
CREATE TABLE IF NOT EXISTS stage_run (
    run TEXT NOT NULL REFERENCES run(id),
    stage TEXT NOT NULL,
    position INTEGER NOT NULL,
    status TEXT NOT NULL,
    key TEXT NOT NULL DEFAULT '',
    attempt INTEGER NOT NULL DEFAULT 0,
    started REAL,
    seconds REAL,
    body TEXT NOT NULL DEFAULT '{}',
    PRIMARY KEY (run, stage)
)"""

# The first result of a key: what its stage gave. `ingredients` is what the key was made of, for `explain`.
_RESULT = """
CREATE TABLE IF NOT EXISTS result (
    key TEXT PRIMARY KEY,
    project TEXT NOT NULL,
    stage TEXT NOT NULL,
    run TEXT NOT NULL,
    at REAL NOT NULL,
    seconds REAL NOT NULL,
    ingredients TEXT NOT NULL,
    body TEXT NOT NULL
)"""

# Digests of files by their stat, so that an unchanged file is not read again.
_FILE = """
CREATE TABLE IF NOT EXISTS file (
    path TEXT PRIMARY KEY,
    stat TEXT NOT NULL,
    digest TEXT NOT NULL
)"""

# Trees of source systems (git:<tree id>, …) and our tree of the same content.
_EXPORT = """
CREATE TABLE IF NOT EXISTS export (
    source TEXT PRIMARY KEY,
    tree TEXT NOT NULL
)"""

_PACKAGE = """
CREATE TABLE IF NOT EXISTS package (
    digest TEXT NOT NULL,
    project TEXT NOT NULL,
    at REAL NOT NULL,
    run TEXT NOT NULL,
    commit_id TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (project, digest)
)"""

# The last verdict on a candidate, by what it is apart from gates and baselines.
_VERDICT = """
CREATE TABLE IF NOT EXISTS verdict (
    candidate TEXT PRIMARY KEY,
    project TEXT NOT NULL,
    run TEXT NOT NULL,
    key TEXT NOT NULL,
    at REAL NOT NULL,
    status TEXT NOT NULL,
    model TEXT NOT NULL DEFAULT '',
    body TEXT NOT NULL
)"""

_ENVIRONMENT = """
CREATE TABLE IF NOT EXISTS environment (
    project TEXT NOT NULL,
    name TEXT NOT NULL,
    stable TEXT NOT NULL DEFAULT '',
    desired TEXT NOT NULL DEFAULT 'up',
    address TEXT NOT NULL DEFAULT '',
    body TEXT NOT NULL DEFAULT '{}',
    PRIMARY KEY (project, name)
)"""

# A package in an environment. `number` counts within the environment.
_REVISION = """
CREATE TABLE IF NOT EXISTS revision (
    id TEXT PRIMARY KEY,
    project TEXT NOT NULL,
    environment TEXT NOT NULL,
    number INTEGER NOT NULL,
    package TEXT NOT NULL,
    run TEXT NOT NULL,
    commit_id TEXT NOT NULL,
    at REAL NOT NULL,
    body TEXT NOT NULL DEFAULT '{}',
    UNIQUE (project, environment, number)
)"""

# A frozen plan and how far it is. At most one of an environment is unfinished.
_RELEASE = """
CREATE TABLE IF NOT EXISTS release (
    id TEXT PRIMARY KEY,
    project TEXT NOT NULL,
    environment TEXT NOT NULL,
    revision TEXT NOT NULL,
    previous TEXT NOT NULL,
    kind TEXT NOT NULL,
    plan TEXT NOT NULL,
    step INTEGER NOT NULL DEFAULT 0,
    status TEXT NOT NULL,
    started REAL NOT NULL,
    finished REAL,
    body TEXT NOT NULL DEFAULT '{}'
)"""

_ONE_RELEASE = """
CREATE UNIQUE INDEX IF NOT EXISTS one_release ON release(project, environment) WHERE finished IS NULL"""

# A process that serves, or Envoy. Written before the process starts, so that its token finds it as an orphan.
_SERVER = """
CREATE TABLE IF NOT EXISTS server (
    token TEXT PRIMARY KEY,
    revision TEXT NOT NULL,
    port INTEGER NOT NULL,
    pid INTEGER NOT NULL DEFAULT 0,
    start_ticks INTEGER NOT NULL DEFAULT 0,
    boot TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL,
    at REAL NOT NULL,
    body TEXT NOT NULL DEFAULT '{}'
)"""

_QUARANTINE = """
CREATE TABLE IF NOT EXISTS quarantine (
    project TEXT NOT NULL,
    environment TEXT NOT NULL,
    package TEXT NOT NULL,
    at REAL NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (project, environment, package)
)"""

# How far a log was read.
_LOG_POSITION = """
CREATE TABLE IF NOT EXISTS log_position (
    log TEXT PRIMARY KEY,
    inode INTEGER NOT NULL,
    offset INTEGER NOT NULL
)"""

# A revision's requests of a minute; `latencies` counts them by bucket of the time to the first byte.
_TRAFFIC = """
CREATE TABLE IF NOT EXISTS traffic (
    project TEXT NOT NULL,
    environment TEXT NOT NULL,
    revision TEXT NOT NULL,
    at INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    latencies TEXT NOT NULL,
    PRIMARY KEY (project, environment, revision, at)
)"""

# The requests to each revision while a release went on: they stay as they are when it is over.
_RELEASE_TRAFFIC = """
CREATE TABLE IF NOT EXISTS release_traffic (
    release TEXT NOT NULL,
    revision TEXT NOT NULL,
    requests INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    latencies TEXT NOT NULL,
    PRIMARY KEY (release, revision)
)"""

# What the gate of a release has come to know: all that its judge needs to go on after a death.
_ANALYSIS = """
CREATE TABLE IF NOT EXISTS analysis (
    release TEXT NOT NULL,
    gate INTEGER NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (release, gate)
)"""

_LOOK = """
CREATE TABLE IF NOT EXISTS look (
    release TEXT NOT NULL,
    gate INTEGER NOT NULL,
    at REAL NOT NULL,
    weight INTEGER NOT NULL,
    candidate REAL,
    candidate_n INTEGER NOT NULL,
    stable REAL,
    stable_n INTEGER NOT NULL,
    low REAL,
    high REAL,
    log_good REAL NOT NULL,
    log_bad REAL NOT NULL,
    PRIMARY KEY (release, at, gate)
)"""

# Users that a release has counted, as digests.
_SEEN_UNIT = """
CREATE TABLE IF NOT EXISTS seen_unit (
    release TEXT NOT NULL,
    unit TEXT NOT NULL,
    PRIMARY KEY (release, unit)
) WITHOUT ROWID"""

# When the driver of a release, or of a home, was last seen alive.
_LEASE = """
CREATE TABLE IF NOT EXISTS lease (
    name TEXT PRIMARY KEY,
    at REAL NOT NULL
)"""

_PREDICTION = """
CREATE TABLE IF NOT EXISTS prediction (
    project TEXT NOT NULL,
    environment TEXT NOT NULL,
    request TEXT NOT NULL,
    at REAL NOT NULL,
    revision TEXT NOT NULL,
    value TEXT NOT NULL,
    unit TEXT NOT NULL,
    PRIMARY KEY (project, environment, request)
)"""

# `prediction`, `revision` and `predicted_at` are there where whoever gave the label has said them.
_LABEL = """
CREATE TABLE IF NOT EXISTS label (
    project TEXT NOT NULL,
    environment TEXT NOT NULL,
    request TEXT NOT NULL,
    at REAL NOT NULL,
    value TEXT NOT NULL,
    prediction TEXT NOT NULL,
    revision TEXT NOT NULL,
    predicted_at REAL NOT NULL,
    joined INTEGER NOT NULL,
    PRIMARY KEY (project, environment, request)
)"""

# A prediction and its label, in the order in which both were there.
_PAIR = """
CREATE TABLE IF NOT EXISTS pair (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    project TEXT NOT NULL,
    environment TEXT NOT NULL,
    request TEXT NOT NULL,
    predicted_at REAL NOT NULL,
    revision TEXT NOT NULL,
    prediction TEXT NOT NULL,
    label TEXT NOT NULL,
    unit TEXT NOT NULL
)"""

# Answers to mirrored requests, until the other revision's answer to the same request is known.
_UNPAIRED = """
CREATE TABLE IF NOT EXISTS unpaired (
    release TEXT NOT NULL,
    request TEXT NOT NULL,
    arm TEXT NOT NULL,
    since REAL NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (release, request, arm)
)"""

# Numbers that were measured while a release went on.
_READING = """
CREATE TABLE IF NOT EXISTS reading (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    release TEXT NOT NULL,
    metric TEXT NOT NULL,
    at REAL NOT NULL,
    value REAL,
    trouble TEXT NOT NULL
)"""

_INDEXES = (
    "CREATE INDEX IF NOT EXISTS reading_release ON reading(release, metric, sequence)",
    "CREATE INDEX IF NOT EXISTS reading_at ON reading(at)",
    "CREATE INDEX IF NOT EXISTS unpaired_since ON unpaired(release, since)",
    "CREATE INDEX IF NOT EXISTS pair_environment ON pair(project, environment, sequence)",
    "CREATE UNIQUE INDEX IF NOT EXISTS pair_request ON pair(project, environment, request)",
    "CREATE INDEX IF NOT EXISTS pair_at ON pair(project, environment, predicted_at)",
    "CREATE INDEX IF NOT EXISTS prediction_at ON prediction(project, environment, at)",
    "CREATE INDEX IF NOT EXISTS label_at ON label(project, environment, at)",
    "CREATE INDEX IF NOT EXISTS label_waiting ON label(project, environment) WHERE joined = 0",
    "CREATE INDEX IF NOT EXISTS event_subject ON event(subject, sequence)",
    "CREATE INDEX IF NOT EXISTS run_unfinished ON run(status) WHERE finished IS NULL",
    "CREATE INDEX IF NOT EXISTS run_project ON run(project, number)",
    "CREATE INDEX IF NOT EXISTS result_stage ON result(project, stage, at)",
    "CREATE INDEX IF NOT EXISTS verdict_model ON verdict(project, model, at)",
    "CREATE INDEX IF NOT EXISTS release_environment ON release(project, environment, started)",
)

TABLES = (
    _EVENT,
    _RUN,
    _STAGE_RUN,
    _RESULT,
    _FILE,
    _EXPORT,
    _PACKAGE,
    _VERDICT,
    _ENVIRONMENT,
    _REVISION,
    _RELEASE,
    _ONE_RELEASE,
    _SERVER,
    _QUARANTINE,
    _LOG_POSITION,
    _TRAFFIC,
    _RELEASE_TRAFFIC,
    _ANALYSIS,
    _LOOK,
    _SEEN_UNIT,
    _LEASE,
    _PREDICTION,
    _LABEL,
    _PAIR,
    _UNPAIRED,
    _READING,
    *_INDEXES,
)
