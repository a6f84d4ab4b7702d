-- chatd's schema, version 3: blocks, when somebody last came.

-- Who has blocked whom. What it means for messages stands in the conversation of the two.
CREATE TABLE block (
  user_id     bigint NOT NULL REFERENCES users,
  blocked_id  bigint NOT NULL REFERENCES users,
  PRIMARY KEY (user_id, blocked_id)
);

-- One of the two has blocked the other. Written under the row's lock, which every batch of messages takes: the
-- right to send costs it no further look-up, and nothing is committed after the block was.
ALTER TABLE conversation ADD blocked boolean NOT NULL DEFAULT false;

-- The beginning of the last session, for whose end nobody was left to write down. Room for it on the page.
ALTER TABLE users ADD last_login timestamptz;
ALTER TABLE users SET (fillfactor = 80);
