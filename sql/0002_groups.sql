-- chatd's schema, version 2: groups, contacts, presence.

-- A group is a conversation with a name. A deleted one keeps its row: a name once used is never given again.
CREATE TABLE groups (
  conv_id   bigint PRIMARY KEY REFERENCES conversation,
  name      text COLLATE "C" NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9_.-]{0,31}$'),
  topic     text NOT NULL DEFAULT '',
  open      boolean NOT NULL DEFAULT true,
  owner_id  bigint NOT NULL REFERENCES users,
  members   integer NOT NULL DEFAULT 0,        -- counted under the conversation's row lock
  created   timestamptz NOT NULL DEFAULT now(),
  deleted   timestamptz
) WITH (fillfactor = 70);

-- joined_seq: a member receives what lies above it. role: 0 member, 1 admin, 2 owner.
ALTER TABLE member ADD role smallint NOT NULL DEFAULT 0;
ALTER TABLE member ADD joined_seq bigint NOT NULL DEFAULT 0;

-- Every change of membership has the epoch that it made. A worker that meets a message of a later epoch than
-- it knows reads here what it has missed, before it delivers.
CREATE TABLE member_change (
  conv_id  bigint NOT NULL,
  epoch    bigint NOT NULL,
  user_id  bigint NOT NULL,
  joined   boolean NOT NULL,                   -- false: left, kicked, or the group is gone
  seq      bigint NOT NULL,                    -- of the newest message then
  at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (conv_id, epoch, user_id)
);
CREATE INDEX member_change_at ON member_change (at);

CREATE TABLE contact (
  user_id     bigint NOT NULL REFERENCES users,
  contact_id  bigint NOT NULL REFERENCES users,
  PRIMARY KEY (user_id, contact_id)
);
CREATE INDEX contact_reverse ON contact (contact_id);

-- The end of the last session.
ALTER TABLE users ADD last_seen timestamptz;
