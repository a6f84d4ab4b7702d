-- chatd's schema, version 1: users, tokens, conversations of two, messages.
--
-- Applied by scripts/chatd-initdb, once, in one transaction. A later version is a later file; a file that
-- has been released never changes. Names and columns are those of the wire. Names sort and compare by
-- bytes (COLLATE "C"): nothing is folded.

CREATE TABLE users (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name      text COLLATE "C" NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9_.-]{0,31}$'),
  display   text NOT NULL DEFAULT '',
  password  text NOT NULL,                    -- argon2id, with its parameters
  created   timestamptz NOT NULL DEFAULT now()
);

-- A token is kept as its BLAKE2b-256: who reads this table can't log in with it.
CREATE TABLE token (
  digest   bytea PRIMARY KEY,
  user_id  bigint NOT NULL REFERENCES users,
  created  timestamptz NOT NULL DEFAULT now(),
  expires  timestamptz NOT NULL
);
CREATE INDEX token_user ON token (user_id);
CREATE INDEX token_expires ON token (expires);

-- "All sessions of this user whose token was issued before `at` end, but those by the token `keep`." Every worker
-- asks for the newest rows once a second, so that it holds without any other messenger.
CREATE TABLE revocation (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id  bigint NOT NULL,
  keep     bytea,
  at       timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX revocation_at ON revocation (at);

-- Its row is the lock that gives messages their numbers: seq has no gaps because last_seq is raised in the
-- transaction that inserts. A conversation of two has the users' ids, the lower first (twice the same one:
-- notes to oneself); a group's are null. `epoch` counts changes of membership.
-- The columns that change are in no index, and pages keep room: updates stay on their page (HOT).
CREATE TABLE conversation (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  low       bigint REFERENCES users,
  high      bigint REFERENCES users,
  last_seq  bigint NOT NULL DEFAULT 0,
  epoch     bigint NOT NULL DEFAULT 1,
  created   timestamptz NOT NULL DEFAULT now(),
  CHECK ((low IS NULL) = (high IS NULL) AND low <= high),
  UNIQUE (low, high)
) WITH (fillfactor = 50);

-- recv_seq: the user has acknowledged everything up to here.
CREATE TABLE member (
  user_id   bigint NOT NULL REFERENCES users,
  conv_id   bigint NOT NULL REFERENCES conversation,
  recv_seq  bigint NOT NULL DEFAULT 0,
  read_seq  bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (user_id, conv_id)
) WITH (fillfactor = 70);
CREATE INDEX member_conversation ON member (conv_id);

-- No foreign keys here: every insert would lock two more rows, and a conversation is never deleted under
-- its messages. `key` is what makes sending again safe: a hash of the client's cid, or random.
CREATE TABLE message (
  conv_id    bigint NOT NULL,
  seq        bigint NOT NULL,
  sender_id  bigint NOT NULL,
  key        uuid NOT NULL,
  cid        text,
  body       text NOT NULL,
  created    timestamptz NOT NULL,
  PRIMARY KEY (conv_id, seq),
  UNIQUE (conv_id, sender_id, key)
);
-- "What was committed in the last seconds": rows arrive in the order of time, so a few bytes per page do.
CREATE INDEX message_created ON message USING brin (created) WITH (pages_per_range = 16, autosummarize = on);
