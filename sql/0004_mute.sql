-- chatd's schema, version 4: what workers say of themselves where Redis can't.

-- "The worker `origin` can't tell the others of what it commits, since `since`." A lease: it holds until `until`,
-- so that one whose holder has died ends by itself. Every worker asks for the rows once a second, with the
-- revocations; while there are any it asks for messages, too. Empty but while Redis is away from somebody.
CREATE TABLE mute (
  origin  bigint PRIMARY KEY,
  since   timestamptz NOT NULL,
  until   timestamptz NOT NULL
);
